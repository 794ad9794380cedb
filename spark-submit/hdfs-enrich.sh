#!/usr/bin/env bash
# Runs the job hdfs-enrich: embedded, or on Spark where MASTER or SPARK_HOME say so. --script-help tells of the settings.
JOB=hdfs-enrich JOB_DLL=HdfsEnrich.dll
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
run_job "$@"
