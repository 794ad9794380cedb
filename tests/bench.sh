#!/usr/bin/env bash
# Measures how fast the suite is, each family with its reference in the same run, in turn: tests/bench.sh [family …] [--quick] [--write] [--rounds N] [--minutes N]
# --quick cuts the sizes, --minutes is how long the soak lasts (10; quick 1), --write keeps the table in tests/Benchmarks/RESULTS.md. References that are not here are named as left out:
# SPARK_HOME and KAFKA_HOME enable Spark's and Kafka's, `tests/bench.sh --install` gets PostgreSQL, gcc, javac, librdkafka's headers and python's client from Debian.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

headers="${XDG_CACHE_HOME:-$HOME/.cache}/pipeline-bench"
export PIPELINE_BENCH_HEADERS="$headers/usr/include"

if [[ "${1:-}" == --install ]]; then
  sudo=()
  ((EUID == 0)) || sudo=(sudo -n)
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends postgresql gcc libc6-dev default-jdk-headless python3-confluent-kafka >/dev/null
  # The header only: a librdkafka.so in the system's path would be taken by .NET programs in the place of their own.
  mkdir -p "$headers" && cd "$headers" && apt-get download -qq librdkafka-dev && dpkg -x librdkafka-dev_*.deb . && rm librdkafka-dev_*.deb
  exit 0
fi

# Compiled ahead, as dist.sh compiles the programs that users start.
ahead=tests/Benchmarks/bin/Release/ahead
dotnet publish tests/Benchmarks -c Release -p:PublishReadyToRun=true --output "$ahead" -v quiet -clp:NoSummary >&2
exec dotnet "$ahead/Pipeline.Tests.Benchmarks.dll" "$@"
