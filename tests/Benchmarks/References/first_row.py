"""The first row of a query on Spark from python, run by spark-submit:  first_row.py QUERY

With PySpark where this Spark has it (SPARK_HOME/python). Else with what PySpark is made of and no more: its protocol (Py4J) over a bare socket, without the
second that importing PySpark takes; so that whoever is no slower than this is no slower than PySpark.
"""
import os
import socket
import sys


def by_pyspark(query):
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    print(spark.sql(query).toJSON().first(), flush=True)
    spark.stop()


def by_socket(query):
    stream = socket.create_connection(("127.0.0.1", int(os.environ["PYSPARK_GATEWAY_PORT"]))).makefile("rwb")

    def ask(*parts):
        stream.write(("\n".join(parts) + "\n").encode())
        stream.flush()
        answer = stream.readline().decode().rstrip("\n")
        if not answer.startswith("!y"):
            sys.exit("Spark's gateway answered " + answer)
        # The first letter after it is the value's type.
        return answer[3:]

    def call(target, method, *arguments):
        return ask("c", target, method, *arguments, "e")

    ask("A", os.environ["PYSPARK_GATEWAY_SECRET"])
    session = call(call("z:org.apache.spark.sql.SparkSession", "builder"), "getOrCreate")
    rows = call(call(call(session, "sql", "s" + query), "toJSON"), "collectAsList")
    print(call(rows, "get", "i0"), flush=True)
    call(session, "stop")


try:
    import pyspark  # noqa: F401
except ImportError:
    by_socket(sys.argv[1])
else:
    by_pyspark(sys.argv[1])
