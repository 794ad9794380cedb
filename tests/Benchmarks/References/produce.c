/* Sends messages as the produce family does, by librdkafka in C; prints the seconds. gcc -O2 -o produce produce.c -lrdkafka */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long acknowledged = 0;

static void report(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
    (void)client;
    (void)opaque;
    if (message->err) {
        fprintf(stderr, "%s\n", rd_kafka_err2str(message->err));
        exit(1);
    }
    acknowledged++;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void digits(char *target, int length, long number) {
    for (int i = length - 1; i >= 0; i--, number /= 10) target[i] = (char)('0' + number % 10);
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: produce SERVERS TOPIC COUNT SIZE\n");
        return 2;
    }
    long count = atol(argv[3]);
    size_t size = (size_t)atol(argv[4]);
    char error[512];
    const char *settings[][2] = {
        {"bootstrap.servers", argv[1]}, {"enable.idempotence", "true"}, {"acks", "all"}, {"compression.type", "lz4"}, {"linger.ms", "10"},
        {"batch.num.messages", "10000"}, {"queue.buffering.max.messages", "200000"}, {"queue.buffering.max.kbytes", "131072"},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], error, sizeof error) != RD_KAFKA_CONF_OK) {
            fprintf(stderr, "%s\n", error);
            return 1;
        }
    }
    rd_kafka_conf_set_dr_msg_cb(conf, report);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, argv[2], NULL);
    /* The bytes of MessageText in Measures/ProducerMeasures.cs: what they are decides what lz4 makes of them. */
    static const char front[] = "{\"id\":\"0000000000\",\"site\":\"S0001\",\"value\":\"0000.5\",\"pad\":\"";
    char *value = malloc(size + 32);
    memset(value, 'x', size + 32);
    memcpy(value, front, sizeof front - 1);
    memcpy(value + size - 2, "\"}", 2);
    double began = now();
    for (long i = 0; i < count; i++) {
        digits(value + 7, 10, i);
        digits(value + 29, 3, i % 1000);
        digits(value + 43, 4, i % 10000);
        while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value, size, NULL, 0, NULL) == -1) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
                fprintf(stderr, "%s\n", rd_kafka_err2str(rd_kafka_last_error()));
                return 1;
            }
            rd_kafka_poll(client, 5);
        }
        if (i % 1000 == 0) rd_kafka_poll(client, 0);
    }
    rd_kafka_flush(client, 30000);
    if (acknowledged != count) {
        fprintf(stderr, "%ld of %ld were acknowledged\n", acknowledged, count);
        return 1;
    }
    printf("%f\n", now() - began);
    return 0;
}
