/* SPDX-License-Identifier: MIT */
/* Wake-ups between threads that stand for cores: the interrupt is a semaphore, and a sleeper who is not woken
 * sleeps for ten seconds. */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <mudskipper/abi/types.h>
#include "../../../core/kernel/wakeup.h"

#define SENDERS 3u
#define ROUNDS  20000u

static struct wakeup wakeup;
static sem_t interrupt;
static _Atomic uint64_t interrupts;

void hal_ipi(coreid_t core);
void hal_ipi(coreid_t core)
{
    assert_int_equal(core, 5);
    interrupts++;
    sem_post(&interrupt);
}

static void begin(void)
{
    memset(&wakeup, 0, sizeof(wakeup));
    interrupts = 0;
    sem_init(&interrupt, 0, 0);
}

static void count(void *context, unsigned channel)
{
    ((unsigned *)context)[channel]++;
}

/* While nobody signals or takes. */
static void check(void)
{
    const char *wrong = wakeup_check(&wakeup);

    if (wrong != NULL) {
        fail_msg("%s", wrong);
    }
}

/* KERNEL-WAKE-001 */
static void every_channel(void **state)
{
    static unsigned seen[CAP_NOTIFY_CHANNELS];

    (void)state;
    begin();
    wakeup_begin(&wakeup);
    memset(seen, 0, sizeof(seen));
    for (unsigned channel = 0; channel < CAP_NOTIFY_CHANNELS; channel++) {
        wakeup_signal(&wakeup, 5, channel);
        wakeup_signal(&wakeup, 5, channel);
        check();
    }
    assert_int_equal(interrupts, 1); /* it will find all of them */
    wakeup_take(&wakeup, count, seen);
    for (unsigned channel = 0; channel < CAP_NOTIFY_CHANNELS; channel++) {
        assert_int_equal(seen[channel], 1);
    }
    wakeup_take(&wakeup, count, seen);
    check();
    assert_int_equal(seen[0], 1);
    wakeup_signal(&wakeup, 5, 4095);
    assert_int_equal(interrupts, 2);
}

/* KERNEL-WAKE-002 */
static void before_it_is_up(void **state)
{
    static unsigned seen[CAP_NOTIFY_CHANNELS];

    (void)state;
    begin();
    memset(seen, 0, sizeof(seen));
    wakeup_signal(&wakeup, 5, 77);
    assert_int_equal(interrupts, 0); /* nobody would take it */
    check();
    wakeup_begin(&wakeup);
    wakeup_take(&wakeup, count, seen);
    assert_int_equal(seen[77], 1);
}

/* ---- several threads ---- */

static _Atomic uint64_t posted[SENDERS];
static _Atomic uint64_t taken[SENDERS];
static _Atomic bool late;

/* What a signal is about was written before it. Takes its time, so that the next signals fall into the middle
 * of a take. */
static void look(void *context, unsigned channel)
{
    unsigned sender = channel / 1000;

    (void)context;
    taken[sender] = posted[sender];
    if (posted[sender] % 64 == 0) {
        sched_yield();
    }
}

static void *sleeper(void *unused)
{
    for (;;) {
        struct timespec until;
        bool done = true;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 10; /* from the last interrupt on: they come all the time */
        for (unsigned i = 0; i < SENDERS; i++) {
            done = done && taken[i] == ROUNDS;
        }
        if (done || sem_timedwait(&interrupt, &until) != 0) {
            late = !done;
            return unused;
        }
        wakeup_take(&wakeup, look, NULL);
    }
}

/* Now and then it waits until it has been noticed, so that the other side sleeps. */
static void *sender(void *argument)
{
    unsigned self = (unsigned)(uintptr_t)argument;

    for (uint64_t i = 1; i <= ROUNDS; i++) {
        posted[self] = i;
        wakeup_signal(&wakeup, 5, self * 1000 + (unsigned)(i % 3));
        while (i % 16 == 0 && taken[self] < i && !late) {
            sched_yield();
        }
    }
    return NULL;
}

/* KERNEL-WAKE-003 */
static void none_is_lost(void **state)
{
    pthread_t threads[SENDERS + 1];

    (void)state;
    begin();
    wakeup_begin(&wakeup);
    late = false;
    for (uintptr_t i = 0; i < SENDERS; i++) {
        posted[i] = taken[i] = 0;
    }
    pthread_create(&threads[SENDERS], NULL, sleeper, NULL);
    for (uintptr_t i = 0; i < SENDERS; i++) {
        pthread_create(&threads[i], NULL, sender, (void *)i);
    }
    for (unsigned i = 0; i <= SENDERS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_false(late);
    check();
    for (unsigned i = 0; i < SENDERS; i++) {
        assert_int_equal(taken[i], ROUNDS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"KERNEL-WAKE-001 every channel is told once, by one interrupt", every_channel, NULL, NULL, NULL},
        {"KERNEL-WAKE-002 a signal to a core that is not up waits for it", before_it_is_up, NULL, NULL, NULL},
        {"KERNEL-WAKE-003 of many signals from several sides at once none is lost", none_is_lost, NULL, NULL,
         NULL},
    };

    return cmocka_run_group_tests_name("kernel: wake-ups", tests, NULL, NULL);
}
