/* SPDX-License-Identifier: MIT */
/* Round trips between two threads of this host, each on a CPU of its own, by polling:
 *
 *   bounce    the least there is: a counter there in one line, a counter back in another
 *   rings     two rings of msg/ump.h, 56 bytes each way
 *   calls     msg/ump_call.h: 56 bytes there, 56 back in the same line
 *
 * They take turns in one run, in short rounds; of each the fastest tenth counts, since the host does other
 * things, too. What matters is the ratio to the bounce. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <mudskipper/msg/ump_call.h>

#define BYTES  4224u /* 64 lines */
#define TRIPS  300u
#define ROUNDS 501u

static _Alignas(UMP_LINE_BYTES) uint8_t there[BYTES];
static _Alignas(UMP_LINE_BYTES) uint8_t back[BYTES];

/* The other thread may have lost its CPU to somebody else; then ours would be wasted. */
static void missed(unsigned *looks)
{
    if (++*looks % 4096 == 0) {
        sched_yield();
    }
}

/* ---- the three, each side */

static void bounce_near(void)
{
    unsigned looks = 0;
    _Atomic uint64_t *out = (void *)there;
    _Atomic uint64_t *in = (void *)back;

    for (uint64_t i = 1; i <= TRIPS; i++) {
        atomic_store_explicit(out, i, memory_order_release);
        while (atomic_load_explicit(in, memory_order_acquire) != i) {
            missed(&looks);
        }
    }
}

static void bounce_far(void)
{
    unsigned looks = 0;
    _Atomic uint64_t *in = (void *)there;
    _Atomic uint64_t *out = (void *)back;

    for (uint64_t i = 1; i <= TRIPS; i++) {
        while (atomic_load_explicit(in, memory_order_acquire) != i) {
            missed(&looks);
        }
        atomic_store_explicit(out, i, memory_order_release);
    }
}

/* What is carried: a check of the contents is part of the work. */
static void check(const uint64_t *payload, uint64_t wanted)
{
    if (payload[0] != wanted || payload[UMP_PAYLOAD / 8 - 1] != wanted) {
        fprintf(stderr, "messages: wrong contents\n");
        exit(1);
    }
}

static void fill(uint64_t *payload, uint64_t value)
{
    payload[0] = value;
    payload[UMP_PAYLOAD / 8 - 1] = value;
}

static void rings_near(void)
{
    unsigned looks = 0;
    uint64_t payload[UMP_PAYLOAD / 8] = {0};
    struct ump_writer out;
    struct ump_reader in;
    unsigned bytes;
    uint8_t tag;
    bool wake;

    ump_writer_init(&out, there, BYTES);
    ump_reader_init(&in, back, BYTES);
    for (uint64_t i = 0; i < TRIPS; i++) {
        fill(payload, i);
        while (!ump_send(&out, payload, UMP_PAYLOAD, 0, true, &wake)) {
            missed(&looks);
        }
        while (!ump_receive(&in, payload, &bytes, &tag)) {
            missed(&looks);
        }
        check(payload, i + 1);
    }
}

static void rings_far(void)
{
    unsigned looks = 0;
    uint64_t payload[UMP_PAYLOAD / 8];
    struct ump_reader in;
    struct ump_writer out;
    unsigned bytes;
    uint8_t tag;
    bool wake;

    ump_reader_init(&in, there, BYTES);
    ump_writer_init(&out, back, BYTES);
    for (uint64_t i = 0; i < TRIPS; i++) {
        while (!ump_receive(&in, payload, &bytes, &tag)) {
            missed(&looks);
        }
        check(payload, i);
        fill(payload, i + 1);
        while (!ump_send(&out, payload, UMP_PAYLOAD, 0, true, &wake)) {
            missed(&looks);
        }
    }
}

static void calls_near(void)
{
    unsigned looks = 0;
    uint64_t payload[UMP_PAYLOAD / 8] = {0};
    uint64_t open[UMP_CALL_WORDS(BYTES)];
    struct ump_call_side s;
    unsigned bytes;
    uint64_t call;
    uint8_t tag;
    bool wake;

    ump_call_init(&s, there, BYTES, open);
    for (uint64_t i = 0; i < TRIPS; i++) {
        fill(payload, i);
        while (!ump_call(&s, payload, UMP_PAYLOAD, 0, &call, &wake)) {
            missed(&looks);
        }
        while (!ump_call_answer(&s, call, payload, &bytes, &tag)) {
            missed(&looks);
        }
        check(payload, i + 1);
    }
}

static void calls_far(void)
{
    unsigned looks = 0;
    uint64_t payload[UMP_PAYLOAD / 8];
    uint64_t open[UMP_CALL_WORDS(BYTES)];
    struct ump_call_side s;
    unsigned bytes;
    uint64_t call;
    uint8_t tag;
    bool wake;

    ump_call_init(&s, there, BYTES, open);
    for (uint64_t i = 0; i < TRIPS; i++) {
        while (!ump_call_next(&s, payload, &bytes, &tag, &call)) {
            missed(&looks);
        }
        check(payload, i);
        fill(payload, i + 1);
        while (!ump_call_reply(&s, call, payload, UMP_PAYLOAD, 0, &wake)) {
            missed(&looks);
        }
    }
}

static const struct shape {
    const char *name;
    void (*near)(void);
    void (*far)(void);
} shapes[] = {
    {"bounce", bounce_near, bounce_far}, {"rings", rings_near, rings_far}, {"calls", calls_near, calls_far}};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* ---- measuring */

static pthread_barrier_t barrier;

static cpu_set_t all; /* that this program may use */

static void stay_on(unsigned number)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &all) && number-- == 0) {
            CPU_SET(cpu, &one);
            (void)pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
            return;
        }
    }
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *run_far(void *unused)
{
    stay_on(1);
    for (unsigned i = 0; i < ROUNDS * SHAPES; i++) {
        pthread_barrier_wait(&barrier);
        shapes[i % SHAPES].far();
        pthread_barrier_wait(&barrier);
    }
    return unused;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double fastest_tenth(double *values)
{
    qsort(values, ROUNDS, sizeof(values[0]), compare);
    return values[ROUNDS / 10];
}

int main(void)
{
    static double nanos[SHAPES][ROUNDS];
    double best[SHAPES];
    pthread_t other;

    if (sched_getaffinity(0, sizeof(all), &all) != 0 || CPU_COUNT(&all) < 2) {
        fprintf(stderr, "messages: needs two CPUs\n");
        return 1;
    }
    pthread_barrier_init(&barrier, NULL, 2);
    stay_on(0);
    if (pthread_create(&other, NULL, run_far, NULL) != 0) {
        return 1;
    }
    for (unsigned i = 0; i < ROUNDS * SHAPES; i++) {
        double start;

        memset(there, 0, sizeof(there));
        memset(back, 0, sizeof(back));
        pthread_barrier_wait(&barrier);
        start = now();
        shapes[i % SHAPES].near();
        nanos[i % SHAPES][i / SHAPES] = (now() - start) / TRIPS;
        pthread_barrier_wait(&barrier);
    }
    pthread_join(other, NULL);
    for (unsigned s = 0; s < SHAPES; s++) {
        best[s] = fastest_tenth(nanos[s]);
        printf("messages.%s_ns %.1f\n", shapes[s].name, best[s]);
    }
    for (unsigned s = 1; s < SHAPES; s++) {
        printf("messages.%s_per_bounce %.2f\n", shapes[s].name, best[s] / best[0]);
    }
    return 0;
}
