#!/usr/bin/env bash
# Shared by the scripts beside it: settings, the command for each way of running, and the exit code.
# A script sets JOB (stream-ingest) and JOB_DLL (StreamIngest.dll) and calls: run_job "$@"
set -euo pipefail
shopt -s inherit_errexit

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(dirname "$here")"
dist="${DIST:-$repository/dist}"

usage() {
  cat <<TEXT
Usage: $JOB.sh [--dry-run] [--script-help] [OPTIONS OF THE JOB]     (--help: the options of the job)

Runs the job '$JOB' embedded, or under spark-submit. Environment:
  MASTER           embedded (default without SPARK_HOME), local[N] (default with it: local[*]), spark://HOST:PORT, yarn, k8s://URL
  SPARK_HOME       folder of Spark 3.5 or 4
  DEPLOY_MODE      client (default) or cluster (yarn, k8s)
  SPARK_CONF       Spark settings, key=value, separated by blanks or, where values hold blanks, by line ends; secrets are refused here
  SPARK_PROPERTIES a spark-defaults file (may hold secrets; mode 0600)
  PACKAGES         auto (default: Delta and the Kafka connector for this Spark, unless they are in its jars), none, or coordinates
  JARS, FILES      comma-separated, shipped with the job
  APP              folder of the published job (default: dist/app, else the build's output)
  APP_ARCHIVE      archive for yarn in cluster mode (default: the self-contained one, dist/pipeline-VERSION-linux-x64.tar.gz, which needs nothing on the nodes)
  DIST             folder that dist.sh packed into (default: dist)
  IMAGE            container image for k8s in cluster mode; PACKAGES=none where its own jars have Delta and the Kafka connector
TEXT
}

refuse() { printf '%s: %s\n' "$JOB.sh" "$1" >&2; exit 2; }

is_secret() { printf '%s' "$1" | grep -qiE 'secret|password|passwd|pass.?phrase|pwd|token|api.?key|access.?key|account.?key|private.?key|keystore.?key|key.?pem|credential|jaas|user.?info|[.]sas[.]'; }

# ---- Where the job is -------------------------------------------------------------------------------------------------------

app_folder() {
  local candidate project="${JOB_DLL%.dll}"
  if [[ -n "${APP:-}" ]]; then
    [[ -f "$APP/$JOB_DLL" ]] || refuse "APP is '$APP', and there is no $JOB_DLL in it. Run spark-submit/dist.sh, or unset APP."
    printf '%s' "$APP"; return
  fi
  for candidate in "$dist/app" "$repository/jobs/$project/bin/Release/net10.0/linux-x64" "$repository/jobs/$project/bin/Debug/net10.0/linux-x64"; do
    if [[ -f "$candidate/$JOB_DLL" ]]; then printf '%s' "$candidate"; return; fi
  done
  refuse "There is no $JOB_DLL. Build it: dotnet build -c Release, or spark-submit/dist.sh."
}

app_archive() {
  local archive="${APP_ARCHIVE:-}"
  if [[ -z "$archive" ]]; then archive="$(find "$dist" -maxdepth 1 -name 'pipeline-*-linux-x64.tar.gz' 2>/dev/null | sort -V | tail -n 1 || true)"; fi
  [[ -n "$archive" ]] || refuse "Cluster mode ships a self-contained archive, and there is none in '$dist'. Run spark-submit/dist.sh, or set APP_ARCHIVE."
  [[ -f "$archive" || "$archive" == *:/* ]] || refuse "APP_ARCHIVE is '$archive', and there is no such file. Run spark-submit/dist.sh, or unset APP_ARCHIVE."
  printf '%s' "$archive"
}

# ---- Which Spark it is ------------------------------------------------------------------------------------------------------

read_spark() {
  [[ -n "${SPARK_HOME:-}" ]] || refuse "MASTER is '$MASTER', and SPARK_HOME is not set. Set it to the folder of Spark 3.5 or 4, or use MASTER=embedded."
  local core
  core="$(find "$SPARK_HOME/jars" -maxdepth 1 -name 'spark-core_*.jar' 2>/dev/null | sort | tail -n 1 || true)"
  [[ -n "$core" && -x "$SPARK_HOME/bin/spark-submit" ]] || refuse "SPARK_HOME is '$SPARK_HOME', which is not a Spark distribution: it needs bin/spark-submit and jars/spark-core_*.jar."
  core="$(basename "$core" .jar)"; core="${core#spark-core_}"
  spark_scala="${core%%-*}"; spark_version="${core#*-}"
}

has_jar() { compgen -G "$SPARK_HOME/jars/$1" >/dev/null; }

delta_coordinate() {
  case "$spark_version" in
    3.5.*) printf 'io.delta:delta-spark_%s:3.3.2' "$spark_scala" ;;
    4.0.*) printf 'io.delta:delta-spark_%s:4.0.0' "$spark_scala" ;;
    4.1.*) printf 'io.delta:delta-spark_4.1_%s:4.4.0' "$spark_scala" ;;
    *) refuse "Which Delta goes with Spark $spark_version is not known here. Put its jars into $SPARK_HOME/jars, or set PACKAGES." ;;
  esac
}

packages() {
  case "${PACKAGES:-auto}" in
    none) return ;;
    auto)
      local found=()
      has_jar 'delta-spark_*.jar' || found+=("$(delta_coordinate)")
      has_jar 'spark-sql-kafka-0-10_*.jar' || found+=("org.apache.spark:spark-sql-kafka-0-10_$spark_scala:$spark_version")
      (IFS=,; printf '%s' "${found[*]:-}") ;;
    *) printf '%s' "$PACKAGES" ;;
  esac
}

add_conf_overrides() {
  local entry entries=()
  if [[ "${SPARK_CONF:-}" == *$'\n'* ]]; then mapfile -t entries <<<"$SPARK_CONF"; else read -ra entries <<<"${SPARK_CONF:-}"; fi
  for entry in ${entries[@]+"${entries[@]}"}; do
    [[ -n "$entry" ]] || continue
    [[ "$entry" == *=* ]] || refuse "SPARK_CONF holds '$entry', which is not key=value."
    if is_secret "${entry%%=*}"; then refuse "SPARK_CONF holds '${entry%%=*}', which looks like a secret, and arguments can be read by every user of this machine. Put it into a file of mode 0600 and name that in SPARK_PROPERTIES."; fi
    command+=(--conf "$entry")
  done
}

# ---- Commands ---------------------------------------------------------------------------------------------------------------

embedded_command() { command=("${DOTNET:-dotnet}" "$(app_folder)/$JOB_DLL" --master "$MASTER" "$@"); }

submit_command() {
  read_spark
  local mode="${DEPLOY_MODE:-client}" fetched job_arguments=("$@") shipped="${FILES:-}"
  command=("$SPARK_HOME/bin/spark-submit" --master "$MASTER" --deploy-mode "$mode" --name "$JOB" --class org.apache.spark.deploy.PythonRunner)
  if [[ -n "${SPARK_PROPERTIES:-}" ]]; then command+=(--properties-file "$SPARK_PROPERTIES"); fi
  fetched="$(packages)"
  if [[ -n "$fetched" ]]; then command+=(--packages "$fetched"); fi
  if [[ -n "${JARS:-}" ]]; then command+=(--jars "$JARS"); fi
  # Spark tells every task at INFO; SPARK_CONF may ask for that again.
  command+=(--conf spark.log.level=WARN)
  # The mode of Py4J in which the JVM shows the gateway's secret when it calls back.
  export PYSPARK_PIN_THREAD=false
  # A JVM without memory ends: a thread of Spark that died of it would leave the job waiting for ever. By a signal, as its own code for that (3) is one of the job's.
  local end_without_memory="-XX:OnOutOfMemoryError='kill -9 %p'"
  if [[ "${SPARK_SUBMIT_OPTS:-}" != *OnOutOfMemoryError* ]]; then export SPARK_SUBMIT_OPTS="$end_without_memory${SPARK_SUBMIT_OPTS:+ $SPARK_SUBMIT_OPTS}"; fi
  case "$mode" in
    client)
      if [[ -n "$shipped" ]]; then command+=(--files "$shipped"); fi
      add_conf_overrides
      command+=(--conf "spark.pyspark.driver.python=${DOTNET:-dotnet}" spark-internal "$(app_folder)/$JOB_DLL" "" --master "$MASTER" "${job_arguments[@]+"${job_arguments[@]}"}") ;;
    cluster)
      local place driver
      command+=(--conf "spark.driver.defaultJavaOptions=$end_without_memory")
      case "$MASTER" in
        yarn)
          command+=(--archives "$(app_archive)#app" --conf spark.yarn.appMasterEnv.PYSPARK_PIN_THREAD=false --conf spark.yarn.submit.waitAppCompletion=true --conf spark.yarn.maxAppAttempts=1)
          driver=app/pipeline ;;
        k8s://*)
          [[ -n "${IMAGE:-}" ]] || refuse "MASTER is '$MASTER' in cluster mode: set IMAGE to an image made by spark-submit/Dockerfile."
          # The image's user has no home for the fetched jars.
          if [[ -n "$fetched" ]]; then command+=(--conf spark.jars.ivy=/tmp/.ivy2); fi
          command+=(--conf "spark.kubernetes.container.image=$IMAGE" --conf spark.kubernetes.driverEnv.PYSPARK_PIN_THREAD=false --conf spark.kubernetes.submission.waitAppCompletion=true)
          driver=/opt/pipeline/pipeline ;;
        *) refuse "DEPLOY_MODE=cluster works with yarn and k8s://; Spark takes no program that is not a jar to the workers of '$MASTER'. Use DEPLOY_MODE=client." ;;
      esac
      # Where the name nodes' HTTP is goes with the job (the environment of this machine does not).
      if [[ -n "${PIPELINE_HDFS_HTTP:-}" ]]; then
        command+=(--conf "spark.yarn.appMasterEnv.PIPELINE_HDFS_HTTP=$PIPELINE_HDFS_HTTP" --conf "spark.kubernetes.driverEnv.PIPELINE_HDFS_HTTP=$PIPELINE_HDFS_HTTP")
      fi
      # Files that options name stand in the driver's working folder there, under their own names.
      local i
      for ((i = 0; i < ${#job_arguments[@]}; i++)); do
        case "${job_arguments[i]}" in
          --config | --kafka-config)
            place="${job_arguments[i + 1]:-}"
            [[ -f "$place" ]] || refuse "${job_arguments[i]} names '$place', and there is no such file."
            shipped="${shipped:+$shipped,}$place"; job_arguments[i + 1]="$(basename "$place")" ;;
          --config=* | --kafka-config=*)
            place="${job_arguments[i]#*=}"
            [[ -f "$place" ]] || refuse "${job_arguments[i]%%=*} names '$place', and there is no such file."
            shipped="${shipped:+$shipped,}$place"; job_arguments[i]="${job_arguments[i]%%=*}=$(basename "$place")" ;;
        esac
      done
      if [[ -n "$shipped" ]]; then command+=(--files "$shipped"); fi
      add_conf_overrides
      command+=(--conf "spark.pyspark.driver.python=$driver" spark-internal "$JOB" "" --master "$MASTER" "${job_arguments[@]+"${job_arguments[@]}"}") ;;
    *) refuse "DEPLOY_MODE is '$mode'; it is client or cluster." ;;
  esac
}

# ---- Running and the exit code ----------------------------------------------------------------------------------------------

# The job is a child of the JVM, which a signal would end without telling it: the signal goes to the job, and the JVM ends with it.
# Always SIGTERM: bash starts programs in the background with SIGINT ignored, and they keep it so (which spares the JVM a Ctrl-C).
forward() {
  local children
  children="$(pgrep -P "$child" 2>/dev/null || true)"
  # Before the JVM has started the job there is only the JVM to end.
  if [[ -z "$children" ]]; then kill -TERM "$child" 2>/dev/null || true; else kill -TERM $children 2>/dev/null || true; fi
}

run_attended() {
  "$@" &
  child=$!
  local interrupted=false
  trap 'interrupted=true; forward' INT
  trap forward TERM
  local code=0
  while true; do
    code=0; wait "$child" || code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  # A signal may have ended the wait and not the child, whose own code is then still to be had.
  wait "$child" 2>/dev/null || { local again=$?; [[ $again -eq 127 ]] || code=$again; }
  trap - INT TERM
  if $interrupted && [[ "$code" -eq 143 ]]; then code=130; fi
  # Aborted, killed, crashed: the job could not say so itself. What was committed stays, so that another start goes on from there.
  case "$code" in
    134 | 137 | 139)
      printf '%s: the JVM or the job was ended by signal %d (by hand, or by the system for want of memory: see spark.driver.memory). Start it again.\n' "$JOB.sh" "$((code - 128))" >&2
      code=75 ;;
  esac
  return "$code"
}

# Cluster mode ends with 0 or 1 whatever the job said (on Kubernetes perhaps with 0 only): its own code stands in its result file, else in the cluster's report.
cluster_code() {
  local code="$1" report="$2" started="$3" result="$4" said=""
  if [[ -n "$result" && -f "$result" && "$(stat -c %Y "$result")" -ge "$started" ]]; then
    said="$(sed -nE 's/^[[:space:]]*"exit_code":[[:space:]]*([0-9]+).*/\1/p' "$result" | head -n 1)"
  fi
  if [[ -z "$said" && ( "$code" -ne 0 || "$MASTER" == k8s://* ) ]]; then
    said="$(grep -oiE '(exited with status|exit code:?) [0-9]+' "$report" | grep -oE '[0-9]+' | tail -n 1 || true)"
  fi
  printf '%s' "${said:-$code}"
}

result_option() {
  while [[ $# -gt 0 ]]; do
    case "$1" in --result) printf '%s' "${2:-}"; return ;; --result=*) printf '%s' "${1#*=}"; return ;; esac
    shift
  done
}

run_job() {
  local dry_run=false argument arguments=()
  for argument in "$@"; do
    case "$argument" in
      --dry-run) dry_run=true ;;
      --script-help) usage; exit 0 ;;
      --*) if is_secret "${argument%%=*}"; then refuse "${argument%%=*} looks like a secret, and arguments can be read by every user of this machine. Give it by environment or file."; fi; arguments+=("$argument") ;;
      *) arguments+=("$argument") ;;
    esac
  done
  if [[ -z "${MASTER:-}" ]]; then if [[ -n "${SPARK_HOME:-}" ]]; then MASTER='local[*]'; else MASTER=embedded; fi; fi
  case "$MASTER" in
    embedded*) embedded_command ${arguments[@]+"${arguments[@]}"} ;;
    *) submit_command ${arguments[@]+"${arguments[@]}"} ;;
  esac
  if $dry_run; then printf '%q ' "${command[@]}"; printf '\n'; exit 0; fi
  case "$MASTER" in embedded*) exec "${command[@]}" ;; esac
  local code=0
  if [[ "${DEPLOY_MODE:-client}" == client ]]; then
    run_attended "${command[@]}" || code=$?
    exit "$code"
  fi
  local report started
  report="$(mktemp)"; started="$(date +%s)"
  trap 'rm -f "$report"' EXIT
  # A pipe and no process substitution: the report is whole when this line is done.
  { "${command[@]}" 2>&1 >&3 | tee "$report" >&2; } 3>&1 || code=$?
  exit "$(cluster_code "$code" "$report" "$started" "$(result_option ${arguments[@]+"${arguments[@]}"})")"
}
