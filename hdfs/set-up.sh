#!/usr/bin/env bash
# Makes the folders of a lake and its references on HDFS, with owners and permissions. Safe to run again.
#   hdfs/set-up.sh [--lake /lake] [--reference /reference] [--owner etl] [--group analysts] [--dry-run]
# Run it as the HDFS superuser (owners are set). It uses $HADOOP_HOME/bin/hdfs, or hdfs on PATH.
set -euo pipefail

lake=/lake reference=/reference owner=etl group=analysts dry_run=false
while (($#)); do
  case "$1" in
    --lake) lake=${2:?--lake needs a path}; shift 2 ;;
    --reference) reference=${2:?--reference needs a path}; shift 2 ;;
    --owner) owner=${2:?--owner needs a name}; shift 2 ;;
    --group) group=${2:?--group needs a name}; shift 2 ;;
    --dry-run) dry_run=true; shift ;;
    -h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "set-up.sh: unknown option '$1'; it takes --lake, --reference, --owner, --group, --dry-run" >&2; exit 2 ;;
  esac
done

hdfs=${HADOOP_HOME:+$HADOOP_HOME/bin/}hdfs
run() { if $dry_run; then printf '%q ' "$hdfs" "$@"; echo; else "$hdfs" "$@" </dev/null; fi; }

# folder and mode; who needs each stands in README.md
while read -r folder mode; do
  run dfs -mkdir -p "$folder"
  run dfs -chmod "$mode" "$folder"
  run dfs -chown "$owner:$group" "$folder"
done <<EOF
$lake 750
$lake/tables 750
$lake/batches 750
$lake/raw 700
$lake/quarantine 700
$lake/outputs 750
$lake/checkpoints 700
$lake/runs 750
$reference 750
EOF
$dry_run || echo "The lake '$lake' and the references '$reference' are ready for $owner:$group."
