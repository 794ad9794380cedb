"""Sends messages as the produce family does, by confluent-kafka; prints the seconds."""
import sys
import time

from confluent_kafka import Producer

servers, topic, count, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
acknowledged = 0


def report(error, message):
    global acknowledged
    if error is not None:
        raise SystemExit(str(error))
    acknowledged += 1


producer = Producer({
    "bootstrap.servers": servers, "enable.idempotence": True, "acks": "all", "compression.type": "lz4", "linger.ms": 10,
    "batch.num.messages": 10000, "queue.buffering.max.messages": 200000, "queue.buffering.max.kbytes": 131072,
})
# The bytes of MessageText in Measures/ProducerMeasures.cs: what they are decides what lz4 makes of them.
form = b'{"id":"%010d","site":"S0%03d","value":"%04d.5","pad":"'
pad = b"x" * (size - len(form % (0, 0, 0)) - 2) + b'"}'
began = time.perf_counter()
for i in range(count):
    value = form % (i, i % 1000, i % 10_000) + pad
    while True:
        try:
            producer.produce(topic, value, on_delivery=report)
            break
        except BufferError:
            producer.poll(0.005)
    if i % 1000 == 0:
        producer.poll(0)
producer.flush()
if acknowledged != count:
    raise SystemExit(f"{acknowledged} of {count} were acknowledged")
print(time.perf_counter() - began)
