#!/usr/bin/env bash
# Runs the job metrics-export: embedded, or on Spark where MASTER or SPARK_HOME say so. --script-help tells of the settings.
JOB=metrics-export JOB_DLL=MetricsExport.dll
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
run_job "$@"
