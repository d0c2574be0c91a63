/* SPDX-License-Identifier: MIT */
/* Cores and interrupts between them. */
#include "suite.h"
#include <stdatomic.h>

TEST(start_refuses)
{
    BEGIN;
    CHECK_EQUAL(hal_core_start(machine()->cores), HAL_START_NO_SUCH_CORE);
    CHECK_EQUAL(hal_core_start(UINT32_MAX), HAL_START_NO_SUCH_CORE);
    CHECK_EQUAL(hal_core_start(hal_core_id()), HAL_START_ALREADY_ON);
    END;
}

TEST(all_start)
{
    BEGIN;
    agents_start();
    for (coreid_t i = 1; i < machine()->cores; i++) {
        CHECK(wait_for(&agent_of(i)->up, 1));
        CHECK_EQUAL(hal_core_start(i), HAL_START_ALREADY_ON);
    }
    END;
}

static _Atomic uint64_t seen_id;

static struct hal_next tell_id(struct agent *a, const struct hal_trap *trap)
{
    atomic_store(&seen_id, hal_core_id());
    atomic_store(&a->word, trap->cause == HAL_IPI && hal_core_data() == a ? 1 : 2);
    return IDLE;
}

TEST(ipi_reaches_idle)
{
    BEGIN;
    agents_start();
    for (coreid_t i = 1; i < machine()->cores; i++) {
        atomic_store(&agent_of(i)->word, 0);
        agent_of(i)->on_event = tell_id;
        hal_ipi(i);
        CHECK(wait_for(&agent_of(i)->word, 1));
        CHECK_EQUAL(atomic_load(&agent_of(i)->word), 1);
        CHECK_EQUAL(atomic_load(&seen_id), i);
    }
    END;
}

TEST(ipi_reaches_oneself)
{
    static struct program p;

    BEGIN;
    hal_ipi(hal_core_id());
    RUN(IDLE);
    CHECK_EQUAL(t->trap.cause, HAL_IPI);
    program_make(&p, user_spin);
    for (t->round = 0; t->round < 10; t->round++) {
        hal_ipi(hal_core_id());
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_IPI);
    }
    END;
}

TEST(continuing_lets_events_in)
{
    BEGIN;
    for (t->round = 0; t->round < 5; t->round++) {
        RUN(HAL_NEXT_CONTINUE);
        CHECK_EQUAL(t->trap.cause, HAL_CONTINUE);
    }
    hal_ipi(hal_core_id());
    RUN(HAL_NEXT_CONTINUE);
    CHECK_EQUAL(t->trap.cause, HAL_IPI);
    hal_timer_set(hal_now() + MILLISECOND);
    t->round = 0;
    do {
        RUN(HAL_NEXT_CONTINUE);
    } while (t->trap.cause == HAL_CONTINUE && ++t->round < 1000000000);
    CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    END;
}

/* --- pings to a core that sleeps, and to one that runs --- */

static _Atomic uint64_t pings; /* sent so far; written before each interrupt */
static _Atomic uint64_t pongs; /* the highest that was seen */
static struct hal_next after_ping;

static struct hal_next on_ping(struct agent *a, const struct hal_trap *trap)
{
    (void)a;
    if (trap->cause == HAL_IPI) {
        atomic_store(&pongs, atomic_load(&pings));
    }
    return after_ping;
}

#define PINGS     3000u
#define PING_TIME (2000 * MILLISECOND) /* no more after this, on a slow machine */

/* Each ping must be seen, without a second one. */
static bool ping(coreid_t core)
{
    nanos_t end = hal_now() + PING_TIME;

    atomic_store(&pings, 0);
    atomic_store(&pongs, 0);
    for (uint64_t i = 1; i <= PINGS && hal_now() < end; i++) {
        atomic_store(&pings, i);
        hal_ipi(core);
        if (!wait_for(&pongs, i)) {
            return false;
        }
    }
    return true;
}

TEST(no_ping_lost_by_idle)
{
    BEGIN;
    agents_start();
    after_ping = IDLE;
    atomic_store(&agent_of(1)->on_event, on_ping);
    CHECK(ping(1));
    END;
}

static struct hal_next adopt(struct agent *a, const struct hal_trap *trap)
{
    (void)trap;
    program_make(a->program, user_spin);
    atomic_store(&a->word, 1);
    return program_next(a->program);
}

static struct hal_next drop(struct agent *a, const struct hal_trap *trap)
{
    (void)trap;
    atomic_store(&a->on_event,
                 NULL); /* a system call may be what brought it here: the interrupt is still to come */
    space_destroy(&a->program->space);
    atomic_store(&a->word, 2);
    return IDLE;
}

/* The program belongs to the core that runs it: made and destroyed there. */
static bool on_core(coreid_t core, struct hal_next (*what)(struct agent *, const struct hal_trap *),
                    uint64_t word)
{
    atomic_store(&agent_of(core)->word, 0);
    atomic_store(&agent_of(core)->on_event, what);
    hal_ipi(core);
    return wait_for(&agent_of(core)->word, word);
}

TEST(no_ping_lost_by_running)
{
    static struct program p;

    BEGIN;
    agents_start();
    agent_of(1)->program = &p;
    CHECK(on_core(1, adopt, 1));
    after_ping = program_next(&p);
    atomic_store(&agent_of(1)->on_event, on_ping);
    CHECK(ping(1));
    CHECK(p.data->counter > 0);
    CHECK(on_core(1, drop, 2));
    END;
}

static struct hal_next on_ping_with_calls(struct agent *a, const struct hal_trap *trap)
{
    if (trap->cause == HAL_IPI) {
        atomic_store(&pongs, atomic_load(&pings));
    }
    return program_next(a->program);
}

static struct hal_next adopt_caller(struct agent *a, const struct hal_trap *trap)
{
    (void)trap;
    program_make(a->program, user_call);
    atomic_store(&a->on_event, on_ping_with_calls);
    atomic_store(&a->word, 1);
    return program_next(a->program);
}

/* The other core goes in and out of the kernel all the time. */
TEST(no_ping_lost_by_caller)
{
    static struct program p;

    BEGIN;
    agents_start();
    agent_of(1)->program = &p;
    CHECK(on_core(1, adopt_caller, 1));
    CHECK(ping(1));
    CHECK(on_core(1, drop, 2));
    END;
}

/* --- everybody at once --- */

static _Atomic uint64_t rallies[64];

/* Passes the ball to the next core, round and round. */
static struct hal_next pass_on(struct agent *a, const struct hal_trap *trap)
{
    coreid_t next = hal_core_id() + 1 < machine()->cores ? hal_core_id() + 1 : 0;

    (void)a;
    if (trap->cause == HAL_IPI) {
        atomic_fetch_add(&rallies[hal_core_id() % 64], 1);
        hal_ipi(next);
    }
    return IDLE;
}

TEST(ring_of_cores)
{
    BEGIN;
    agents_start();
    for (coreid_t i = 1; i < machine()->cores; i++) {
        agent_of(i)->on_event = pass_on;
        atomic_store(&rallies[i % 64], 0);
    }
    for (t->round = 0; t->round < 300; t->round++) {
        hal_ipi(1);
        RUN(IDLE);
        CHECK_EQUAL(t->trap.cause, HAL_IPI);
        CHECK_EQUAL(atomic_load(&rallies[(machine()->cores - 1) % 64]), t->round + 1);
    }
    END;
}

/* Ordinary stores in front of hal_ipi, ordinary loads behind the interrupt. */
static uint64_t plain[8];

static struct hal_next sum_up(struct agent *a, const struct hal_trap *trap)
{
    uint64_t sum = 0;

    (void)trap;
    for (unsigned i = 0; i < ARRAY_LENGTH(plain); i++) {
        sum += plain[i];
    }
    atomic_store(&a->word, sum);
    return IDLE;
}

TEST(data_written_before_ipi_is_seen)
{
    BEGIN;
    agents_start();
    atomic_store(&agent_of(2)->on_event, sum_up);
    atomic_store(&agent_of(2)->word, 0);
    for (t->round = 1; t->round <= 200; t->round++) {
        for (unsigned i = 0; i < ARRAY_LENGTH(plain); i++) {
            plain[i] = t->round;
        }
        hal_ipi(2);
        CHECK(wait_for(&agent_of(2)->word, t->round * ARRAY_LENGTH(plain)));
        CHECK_EQUAL(atomic_load(&agent_of(2)->word), t->round * ARRAY_LENGTH(plain));
    }
    END;
}

/* --- programs on several cores --- */

static struct hal_next serve_compute(struct agent *a, const struct hal_trap *trap)
{
    if (trap->cause == HAL_TIMER) {
        hal_timer_set(hal_now() + MILLISECOND / 2);
    } else if (trap->cause == HAL_SYSCALL) {
        hal_timer_set(NANOS_NEVER);
        atomic_store(&a->word, 3);
        return IDLE;
    } else if (trap->cause == HAL_FAULT) {
        hal_timer_set(NANOS_NEVER);
        atomic_store(&a->word, 4);
        return IDLE;
    }
    return program_next(a->program);
}

static struct hal_next adopt_compute(struct agent *a, const struct hal_trap *trap)
{
    (void)trap;
    program_make(a->program, user_compute);
    a->program->data->count = 10000;
    atomic_store(&a->on_event, serve_compute);
    hal_timer_set(hal_now() + MILLISECOND / 2);
    atomic_store(&a->word, 1);
    return program_next(a->program);
}

TEST(cores_compute_together)
{
    static struct program p[3];

    BEGIN;
    agents_start();
    for (coreid_t i = 1; i <= 3; i++) {
        agent_of(i)->program = &p[i - 1];
        CHECK(on_core(i, adopt_compute, 1)); /* one after another: they share the pages' owner */
    }
    for (coreid_t i = 1; i <= 3; i++) {
        CHECK(wait_for(&agent_of(i)->word, 3));
        CHECK_EQUAL(atomic_load(&agent_of(i)->word), 3);
        CHECK_EQUAL(p[i - 1].data->result, 0);
        CHECK(on_core(i, drop, 2));
    }
    END;
}

const struct test core_tests[] = {
    {"HAL-CPU-002", "cores that do not exist or run already are not started", 1, start_refuses},
    {"HAL-CPU-003", "all other cores start, once", 2, all_start},
    {"HAL-CPU-004", "an interrupt reaches an idle core, which knows its id and data", 2, ipi_reaches_idle},
    {"HAL-CPU-005", "an interrupt to oneself comes at the kernel's exit", 1, ipi_reaches_oneself},
    {"HAL-CPU-006", "up to 3000 interrupts to an idle core: none is lost", 2, no_ping_lost_by_idle},
    {"HAL-CPU-007", "up to 3000 interrupts to a core that runs a program: none is lost", 2,
     no_ping_lost_by_running},
    {"HAL-CPU-008", "up to 3000 interrupts to a core in and out of system calls: none is lost", 2,
     no_ping_lost_by_caller},
    {"HAL-CPU-009", "300 rounds of interrupts from core to core", 2, ring_of_cores},
    {"HAL-CPU-010", "what was written before an interrupt is seen behind it", 3,
     data_written_before_ipi_is_seen},
    {"HAL-CPU-011", "three cores run preempted programs at once", 4, cores_compute_together},
    {"HAL-CPU-012", "a kernel that continues by itself is called at once, and events come first", 1,
     continuing_lets_events_in},
    {0},
};
