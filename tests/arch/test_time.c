/* SPDX-License-Identifier: MIT */
/* Clock and one-shot timer. Upper bounds are hang detectors, not performance targets. */
#include "suite.h"
#include <stdatomic.h>

#define HANG (5000 * MILLISECOND)

static nanos_t deadline;

TEST(clock_advances)
{
    static nanos_t last;

    BEGIN;
    last = hal_now();
    for (unsigned i = 0; i < 10000; i++) {
        nanos_t now = hal_now();

        CHECK(now >= last);
        last = now;
    }
    deadline = last + HANG;
    while (hal_now() == last) {
        CHECK(hal_now() < deadline);
    }
    END;
}

TEST(timer_wakes_idle)
{
    BEGIN;
    for (t->round = 0; t->round < 10; t->round++) {
        deadline = hal_now() + (t->round + 1) * MILLISECOND / 2;
        hal_timer_set(deadline);
        RUN(IDLE);
        CHECK_EQUAL(t->trap.cause, HAL_TIMER);
        CHECK(hal_now() >= deadline);
        CHECK(hal_now() < deadline + HANG);
    }
    END;
}

TEST(timer_in_the_past)
{
    BEGIN;
    hal_timer_set(hal_now() - 1);
    RUN(IDLE);
    CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    hal_timer_set(0);
    RUN(IDLE);
    CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    END;
}

/* Kernel time passes. */
static void busy(nanos_t time)
{
    nanos_t end = hal_now() + time;

    while (hal_now() < end) {
        hal_relax();
    }
}

TEST(timer_off)
{
    BEGIN;
    hal_timer_set(hal_now() + 2 * MILLISECOND);
    hal_timer_set(NANOS_NEVER);
    busy(5 * MILLISECOND);
    hal_ipi(hal_core_id());
    RUN(IDLE);
    CHECK_EQUAL(t->trap.cause, HAL_IPI);
    END;
}

TEST(timer_fires_once)
{
    BEGIN;
    hal_timer_set(hal_now() + MILLISECOND);
    RUN(IDLE);
    CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    busy(5 * MILLISECOND);
    hal_ipi(hal_core_id());
    RUN(IDLE);
    CHECK_EQUAL(t->trap.cause, HAL_IPI);
    END;
}

TEST(timer_is_replaced)
{
    static nanos_t start;

    BEGIN;
    start = hal_now();
    hal_timer_set(start + MILLISECOND);
    hal_timer_set(start + 10 * MILLISECOND);
    RUN(IDLE);
    CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    CHECK(hal_now() >= start + 10 * MILLISECOND);
    start = hal_now();
    hal_timer_set(start + 3600 * 1000 * MILLISECOND);
    hal_timer_set(start + MILLISECOND);
    RUN(IDLE);
    CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    CHECK(hal_now() < start + HANG);
    END;
}

TEST(timer_held_back_in_kernel)
{
    static struct program p;

    BEGIN;
    program_make(&p, user_spin);
    hal_timer_set(hal_now() + MILLISECOND);
    busy(3 * MILLISECOND);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    END;
}

TEST(preempts_endless_loop)
{
    static struct program p;
    static uint64_t before;

    BEGIN;
    program_make(&p, user_spin);
    before = 0;
    for (t->round = 0; t->round < 50; t->round++) {
        deadline = hal_now() + MILLISECOND;
        hal_timer_set(deadline);
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_TIMER);
        CHECK(hal_now() >= deadline);
        CHECK(hal_now() < deadline + HANG);
        CHECK(hal_context_pc(&p.context) >= space_at(&p.space, PROGRAM_CODE));
        CHECK(hal_context_pc(&p.context) < space_at(&p.space, PROGRAM_DATA));
    }
    CHECK(p.data->counter > before);
    END;
}

/* A deadline that moves later all the time, then earlier: neither lost nor early. */
TEST(timer_moves_while_running)
{
    static struct program p;

    BEGIN;
    program_make(&p, user_call);
    for (t->round = 0; t->round < 200; t->round++) {
        hal_timer_set(hal_now() + 3600 * 1000 * MILLISECOND + t->round);
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    }
    deadline = hal_now() + 2 * MILLISECOND;
    hal_timer_set(deadline);
    do {
        RUN(program_next(&p));
    } while (t->trap.cause == HAL_SYSCALL && hal_now() < deadline + HANG);
    CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    CHECK(hal_now() >= deadline);
    END;
}

/* A short deadline every time, raced against the way out of the kernel. */
TEST(very_short_deadlines)
{
    static struct program p;

    BEGIN;
    program_make(&p, user_spin);
    for (t->round = 0; t->round < 1000; t->round++) {
        deadline = hal_now() + t->round * 20;
        hal_timer_set(deadline);
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_TIMER);
        CHECK(hal_now() >= deadline);
    }
    END;
}

/* --- the clock of other cores --- */

static _Atomic uint64_t stamp;
static _Atomic uint64_t turn;

static struct hal_next answer_with_time(struct agent *a, const struct hal_trap *trap)
{
    (void)trap;
    atomic_store(&a->word, hal_now() >= atomic_load(&stamp));
    atomic_store(&stamp, hal_now());
    atomic_fetch_add(&turn, 1);
    return IDLE;
}

TEST(clock_is_common)
{
    static coreid_t other;

    BEGIN;
    agents_start();
    atomic_store(&turn, 0);
    for (t->round = 0; t->round < 200; t->round++) {
        other = 1 + t->round % (machine()->cores - 1);
        agent_of(other)->on_event = answer_with_time;
        atomic_store(&stamp, hal_now());
        hal_ipi(other);
        CHECK(wait_for(&turn, t->round + 1));
        CHECK_EQUAL(atomic_load(&agent_of(other)->word), 1);
        CHECK(hal_now() >= atomic_load(&stamp));
    }
    END;
}

const struct test time_tests[] = {
    {"HAL-TIME-001", "the clock advances and never goes back", 1, clock_advances},
    {"HAL-TIME-002", "a timer ends idleness, not before its deadline", 1, timer_wakes_idle},
    {"HAL-TIME-003", "a deadline in the past fires at once", 1, timer_in_the_past},
    {"HAL-TIME-004", "a timer that was switched off does not fire", 1, timer_off},
    {"HAL-TIME-005", "a timer fires once", 1, timer_fires_once},
    {"HAL-TIME-006", "a later setting replaces an earlier one", 1, timer_is_replaced},
    {"HAL-TIME-007", "a timer that expires in the kernel fires at its exit", 1, timer_held_back_in_kernel},
    {"HAL-TIME-008", "an endless loop is preempted, fifty times", 1, preempts_endless_loop},
    {"HAL-TIME-009", "a deadline that moves is kept", 1, timer_moves_while_running},
    {"HAL-TIME-010", "a thousand very short deadlines are kept", 1, very_short_deadlines},
    {"HAL-TIME-011", "the clock is the same on all cores", 2, clock_is_common},
    {0},
};
