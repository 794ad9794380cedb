#!/usr/bin/env bash
# Puts a data set's reference files on HDFS, each whole or not at all: written under another name, then renamed.
#   hdfs/load-references.sh DATASET FOLDER [--reference /reference] [--dry-run]
#   hdfs/load-references.sh water-quality ./data        # Methods*.csv and Site_Information*.csv
# It uses $HADOOP_HOME/bin/hdfs, or hdfs on PATH.
set -euo pipefail

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0"; }
reference=/reference dry_run=false names=()
while (($#)); do
  case "$1" in
    --reference) reference=${2:?--reference needs a path}; shift 2 ;;
    --dry-run) dry_run=true; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "load-references.sh: unknown option '$1'; it takes --reference and --dry-run" >&2; exit 2 ;;
    *) names+=("$1"); shift ;;
  esac
done
((${#names[@]} == 2)) || { usage >&2; exit 2; }
dataset=${names[0]} folder=${names[1]}
[[ -d $folder ]] || { echo "load-references.sh: there is no folder '$folder'" >&2; exit 2; }

case "$dataset" in
  water-quality) patterns=('Methods*.csv' 'Methods*.xlsx' 'Site_Information*.csv' 'Site_Information*.xlsx') ;;
  population) patterns=('household-income.csv' 'health-insurance.csv' 'self-employment-income.csv') ;;
  *) echo "load-references.sh: '$dataset' has no references; water-quality and population have" >&2; exit 2 ;;
esac

hdfs=${HADOOP_HOME:+$HADOOP_HOME/bin/}hdfs
run() { if $dry_run; then printf '%q ' "$hdfs" "$@"; echo; else "$hdfs" "$@"; fi; }

target=$reference/$dataset
run dfs -mkdir -p "$target"
count=0
for pattern in "${patterns[@]}"; do
  while IFS= read -r -d '' file; do
    name=$(basename "$file")
    # One of csv and xlsx is enough; the csv is taken where both are there.
    [[ $name == *.xlsx && -n $(find "$folder" -maxdepth 1 -name "${pattern%.xlsx}.csv" -print -quit) ]] && continue
    run dfs -put -f "$file" "$target/.$name.loading"
    $dry_run || "$hdfs" dfs -test -e "$target/$name" && run dfs -rm -skipTrash "$target/$name"
    run dfs -mv "$target/.$name.loading" "$target/$name"
    count=$((count + 1))
  done < <(find "$folder" -maxdepth 1 -type f -name "$pattern" -print0)
done
((count > 0)) || { echo "load-references.sh: no file in '$folder' matches ${patterns[*]}" >&2; exit 3; }
echo "$count reference files of $dataset are in '$target'."
