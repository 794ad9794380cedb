#!/usr/bin/env bash
# Deletes what is older than its retention from a lake on HDFS: raw messages and run folders. Tables are vacuumed by 'pipeline vacuum'.
#   hdfs/retain.sh [--lake /lake] [--raw-days 90] [--run-days 30] [--dry-run]
set -euo pipefail

lake=/lake raw_days=90 run_days=30 dry_run=false
while (($#)); do
  case "$1" in
    --lake) lake=${2:?--lake needs a path}; shift 2 ;;
    --raw-days) raw_days=${2:?--raw-days needs a number}; shift 2 ;;
    --run-days) run_days=${2:?--run-days needs a number}; shift 2 ;;
    --dry-run) dry_run=true; shift ;;
    -h | --help) sed -n '2,3s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "retain.sh: unknown option '$1'; it takes --lake, --raw-days, --run-days, --dry-run" >&2; exit 2 ;;
  esac
done
[[ $raw_days =~ ^[0-9]+$ && $run_days =~ ^[0-9]+$ ]] || { echo "retain.sh: days are whole numbers" >&2; exit 2; }

hdfs=${HADOOP_HOME:+$HADOOP_HOME/bin/}hdfs
expire() { # folder pattern, days
  local before; before=$(date -u -d "$2 days ago" '+%Y-%m-%d %H:%M')
  "$hdfs" dfs -ls -d "$1" 2>/dev/null | awk -v before="$before" '$1 ~ /^d/ && ($6 " " $7) < before { print $8 }' |
    while IFS= read -r folder; do
      echo "$folder"
      $dry_run || "$hdfs" dfs -rm -r -skipTrash "$folder" >/dev/null
    done
}
# raw/<topic>/<application>/batch=<number> and runs/<run id>
expire "$lake/raw/*/*/batch=*" "$raw_days"
expire "$lake/runs/*" "$run_days"
