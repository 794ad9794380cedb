#!/usr/bin/env bash
# Runs the job batch-etl: embedded, or on Spark where MASTER or SPARK_HOME say so. --script-help tells of the settings.
JOB=batch-etl JOB_DLL=BatchEtl.dll
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
run_job "$@"
