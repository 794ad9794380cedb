#!/usr/bin/env bash
# Packs the jobs:  dist.sh [--framework-dependent | --self-contained]      (both by default)
#   dist/app/                          framework-dependent: needs dotnet 10 where the driver runs; the scripts beside this use it
#   dist/pipeline-VERSION-net10.tar.gz the same, packed
#   dist/pipeline-VERSION-linux-x64.tar.gz  self-contained: nothing needed on the node; what cluster mode ships by --archives
# CONFIGURATION is Release unless the environment says otherwise; DIST is the folder for all of it (default: dist beside this one).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(dirname "$here")"
dist="${DIST:-$repository/dist}"
configuration="${CONFIGURATION:-Release}"
version="$(sed -nE 's|.*<VersionPrefix>(.*)</VersionPrefix>.*|\1|p' "$repository/Directory.Build.props")"

publish() {
  local folder="$1"; shift
  # Compiled ahead: a start costs two thirds of the processor's time. A Debug build's archive is for tests, which would wait for it longer than it saves.
  [[ "$configuration" != Release ]] || set -- -p:PublishReadyToRun=true "$@"
  rm -rf "$folder"
  dotnet publish "$repository/jobs/Pipeline/Pipeline.csproj" --configuration "$configuration" --output "$folder" --nologo --verbosity quiet "$@"
  cp "$repository/LICENSE" "$repository/NOTICE.md" "$folder/"
}

# A reader sees the whole archive or the one before it.
pack() {
  local folder="$1" archive="$2"
  tar --create --gzip --owner=0 --group=0 --file "$archive.tmp" --directory "$folder" .
  mv "$archive.tmp" "$archive"
  printf '%s (%s)\n' "$archive" "$(du -h "$archive" | cut -f1)"
}

framework_dependent() {
  publish "$dist/app"
  pack "$dist/app" "$dist/pipeline-$version-net10.tar.gz"
}

self_contained() {
  local settings program
  publish "$dist/self-contained" -p:WithRuntime=true
  # The jobs are commands of 'pipeline'. Their own programs would look for a runtime outside of this folder.
  for settings in "$dist/self-contained"/*.runtimeconfig.json; do
    program="${settings%.runtimeconfig.json}"
    [[ "$program" == */pipeline ]] || rm -f "$settings" "$program" "$program.deps.json"
  done
  pack "$dist/self-contained" "$dist/pipeline-$version-linux-x64.tar.gz"
}

mkdir -p "$dist"
case "${1:-}" in
  '') framework_dependent; self_contained ;;
  --framework-dependent) framework_dependent ;;
  --self-contained) self_contained ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
