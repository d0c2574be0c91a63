/* SPDX-License-Identifier: MIT */
/* What the kernel of this host needs for what tests/benchmark measures on the simulator: the peers that the
 * simulator's figures are divided by, in the same form (../figures.h):
 *
 *   # figure KEY SAMPLES BATCH NANOSECONDS ...
 *
 * Each checks what came of it; a wrong result ends the program with 1. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BATCHES 15u
#define BATCH   400u
#define PAGE    4096u

static void check(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench-peers: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

/* ---- one thread */

static pid_t self;

static void get_pid(void)
{
    check((pid_t)syscall(SYS_getpid) == self, "getpid");
}

static void yield(void)
{
    check(sched_yield() == 0, "sched_yield");
}

static void dup_and_close(void)
{
    int copy = dup(STDIN_FILENO);

    check(copy >= 0 && close(copy) == 0, "dup and close");
}

/* One that is written, as the simulator's is. */
static void map_and_unmap(void)
{
    volatile char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    check(page != MAP_FAILED, "mmap");
    check(page[0]++ == 0, "a page that is not zero");
    check(munmap((void *)page, PAGE) == 0, "munmap");
}

/* ---- two threads */

static _Atomic uint32_t ball; /* even: with the first thread; odd: with the second */

/* Passes the ball on from `turn` and waits until it has come back. */
static void futex_pass(uint32_t turn)
{
    atomic_store(&ball, turn + 1);
    syscall(SYS_futex, &ball, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    while (atomic_load(&ball) == turn + 1) {
        syscall(SYS_futex, &ball, FUTEX_WAIT_PRIVATE, turn + 1, NULL, NULL, 0);
    }
}

static void *futex_other(void *rounds)
{
    for (uint32_t turn = 0; turn < (uint32_t)(uintptr_t)rounds * 2; turn += 2) {
        while (atomic_load(&ball) == turn) {
            syscall(SYS_futex, &ball, FUTEX_WAIT_PRIVATE, turn, NULL, NULL, 0);
        }
        atomic_store(&ball, turn + 2);
        syscall(SYS_futex, &ball, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
    return NULL;
}

static void futex_trip(void)
{
    uint32_t turn = atomic_load(&ball);

    futex_pass(turn);
    check(atomic_load(&ball) == turn + 2, "futex");
}

static int there[2];
static int back[2];

static void *pipe_other(void *rounds)
{
    for (uintptr_t i = 0; i < (uintptr_t)rounds; i++) {
        uint64_t words[8];

        check(read(there[0], words, sizeof(words)) == sizeof(words), "read");
        words[0]++;
        check(write(back[1], words, sizeof(words)) == sizeof(words), "write");
    }
    return NULL;
}

static void pipe_trip(void)
{
    uint64_t words[8] = {41};

    check(write(there[1], words, sizeof(words)) == sizeof(words), "write");
    check(read(back[0], words, sizeof(words)) == sizeof(words) && words[0] == 42, "the answer by the pipe");
}

/* ---- measuring */

struct peer {
    const char *key;
    void (*run)(void);
    void *(*other)(void *rounds); /* the second thread; NULL: there is none */
    unsigned cpus;                /* that the two threads have */
};

static const struct peer peers[] = {
    {"getpid", get_pid, NULL, 1},
    {"sched_yield", yield, NULL, 1},
    {"dup_close", dup_and_close, NULL, 1},
    {"mmap_munmap", map_and_unmap, NULL, 1},
    {"futex_1", futex_trip, futex_other, 1},
    {"pipe_1", pipe_trip, pipe_other, 1},
    {"futex_2", futex_trip, futex_other, 2},
    {"pipe_2", pipe_trip, pipe_other, 2},
};

static cpu_set_t all; /* that this program may use */

static void stay_on(unsigned number)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &all) && number-- == 0) {
            CPU_SET(cpu, &one);
            check(pthread_setaffinity_np(pthread_self(), sizeof(one), &one) == 0, "affinity");
            return;
        }
    }
}

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void *begin(void *argument)
{
    const struct peer *p = argument;

    stay_on(p->cpus - 1);
    return p->other((void *)(uintptr_t)((BATCHES + 1) * BATCH));
}

static uint64_t batch(const struct peer *p)
{
    uint64_t start = now();

    for (unsigned i = 0; i < BATCH; i++) {
        p->run();
    }
    return now() - start;
}

static void measure(const struct peer *p)
{
    pthread_t other;

    atomic_store(&ball, 0);
    if (p->other != NULL) {
        check(pthread_create(&other, NULL, begin, (void *)(uintptr_t)p) == 0, "thread");
    }
    (void)batch(p); /* warm */
    printf("# figure %s 0 %u", p->key, BATCH);
    for (unsigned i = 0; i < BATCHES; i++) {
        printf(" %lu", (unsigned long)batch(p));
    }
    printf("\n");
    if (p->other != NULL) {
        check(pthread_join(other, NULL) == 0, "join");
    }
}

int main(void)
{
    check(sched_getaffinity(0, sizeof(all), &all) == 0, "affinity");
    check(pipe(there) == 0 && pipe(back) == 0, "pipe");
    self = getpid();
    stay_on(0);
    for (unsigned i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
        if (peers[i].cpus <= (unsigned)CPU_COUNT(&all)) {
            measure(&peers[i]);
        }
    }
    return 0;
}
