/* SPDX-License-Identifier: MIT */
/* Register contexts and system calls. */
#include "suite.h"

TEST(starts_as_function)
{
    static struct program p;

    BEGIN;
    program_make(&p, user_compute);
    p.data->count = 10;
    p.data->number = 77;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(hal_context_arg(&p.context, SYS_ARG_NUMBER), 77);
    CHECK_EQUAL(p.data->counter, 10);
    CHECK_EQUAL(p.data->result, 0);
    END;
}

TEST(init_sets_what_it_says)
{
    static struct program p;

    BEGIN;
    program_make(&p, user_call);
    CHECK_EQUAL(hal_context_pc(&p.context), program_entry(&p, user_call));
    CHECK(hal_context_sp(&p.context) <= space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE));
    CHECK(hal_context_sp(&p.context) + 16 >= space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE));
    CHECK_EQUAL(hal_context_arg(&p.context, 0), space_at(&p.space, PROGRAM_DATA));
    for (unsigned i = 1; i < SYS_ARGS; i++) {
        CHECK_EQUAL(hal_context_arg(&p.context, i), 0);
    }
    CHECK_EQUAL(hal_context_fp(&p.context), 0);
    END;
}

TEST(syscall_carries_14_words)
{
    static struct program p;

    BEGIN;
    program_make(&p, user_call);
    for (unsigned i = 0; i < SYS_ARGS; i++) {
        p.data->args[i] = 0x1111111111111111u * (i + 1);
    }
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    for (unsigned i = 0; i < SYS_ARGS; i++) {
        CHECK_EQUAL(hal_context_arg(&p.context, i), 0x1111111111111111u * (i + 1));
        hal_context_set_arg(&p.context, i, 0xfedcba9876543210u + i);
    }
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    for (unsigned i = 0; i < SYS_ARGS; i++) {
        CHECK_EQUAL(p.data->args[i], 0xfedcba9876543210u + i);
        CHECK_EQUAL(hal_context_arg(&p.context, i), 0xfedcba9876543210u + i);
    }
    END;
}

TEST(many_syscalls)
{
    static struct program p;

    BEGIN;
    program_make(&p, user_call);
    RUN(program_next(&p));
    for (t->round = 0; t->round < 2000; t->round++) {
        hal_context_set_arg(&p.context, 3, t->round);
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
        CHECK_EQUAL(hal_context_arg(&p.context, 3), t->round);
    }
    END;
}

static void fill_pattern(struct user_data *d, uint64_t seed)
{
    for (unsigned i = 0; i < USER_HOLD_WORDS; i++) {
        d->in[i] = random_next(&seed);
        d->out[i] = 0;
    }
}

static unsigned words_lost(const struct user_data *d)
{
    unsigned lost = 0;

    for (unsigned i = 0; i < port_hold_words(); i++) {
        lost += d->in[i] != d->out[i];
    }
    return lost;
}

/* The flag's page is there, and 0. */
static uint64_t *hold_make(struct program *p, uint64_t seed)
{
    paddr_t flag = page_take();

    program_make(p, user_hold);
    fill_pattern(p->data, seed);
    space_map(&p->space, PROGRAM_FLAG, flag, RW);
    return hal_p2v(flag);
}

TEST(preemption_keeps_registers)
{
    static struct program p;
    static uint64_t *flag;

    BEGIN;
    flag = hold_make(&p, 1);
    for (t->round = 0; t->round < 20; t->round++) {
        hal_timer_set(hal_now() + MILLISECOND);
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    }
    *flag = 1;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(words_lost(p.data), 0);
    END;
}

TEST(fault_keeps_registers)
{
    static struct program p;
    static paddr_t flag;

    BEGIN;
    program_make(&p, user_hold);
    fill_pattern(p.data, 2);
    for (t->round = 0; t->round < 20; t->round++) {
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_FAULT);
        CHECK_EQUAL(t->trap.address, space_at(&p.space, PROGRAM_FLAG));
    }
    flag = page_take();
    *(uint64_t *)hal_p2v(flag) = 1;
    space_map(&p.space, PROGRAM_FLAG, flag, RW);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(words_lost(p.data), 0);
    END;
}

/* Two programs full of different numbers take turns, by preemption and through save areas. */
TEST(switches_keep_registers)
{
    static struct program p[2];
    static uint64_t *flag[2];
    static struct save_area area;

    BEGIN;
    for (unsigned i = 0; i < 2; i++) {
        flag[i] = hold_make(&p[i], 3 + i);
    }
    for (t->round = 0; t->round < 20; t->round++) {
        hal_timer_set(hal_now() + MILLISECOND);
        RUN(program_next(&p[t->round % 2]));
        CHECK_EQUAL(t->trap.cause, HAL_TIMER);
        if (t->round % 4 >= 2) {
            hal_context_save(&p[t->round % 2].context, &area);
            hal_context_enter(&p[t->round % 2].context, 0, 0, 0);
            hal_context_load(&p[t->round % 2].context, &area);
        }
    }
    *flag[0] = 1;
    *flag[1] = 1;
    RUN(program_next(&p[0]));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    RUN(program_next(&p[1]));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(words_lost(p[0].data), 0);
    CHECK_EQUAL(words_lost(p[1].data), 0);
    END;
}

/* One program's registers continue in another context of the same program. */
TEST(save_area_moves)
{
    static struct program p;
    static uint64_t *flag;
    static struct save_area area;

    BEGIN;
    flag = hold_make(&p, 5);
    hal_timer_set(hal_now() + MILLISECOND);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    hal_context_save(&p.context, &area);
    hal_context_enter(&p.context, program_entry(&p, user_call),
                      space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE / 2),
                      space_at(&p.space, PROGRAM_DATA));
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    hal_context_load(&p.context, &area);
    *flag = 1;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(words_lost(p.data), 0);
    END;
}

TEST(save_after_syscall)
{
    static struct program p;
    static struct save_area area;

    BEGIN;
    program_make(&p, user_call);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    hal_context_set_arg(&p.context, 5, 55);
    hal_context_save(&p.context, &area);
    hal_context_enter(&p.context, 0, 0, 0);
    hal_context_load(&p.context, &area);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(p.data->args[5], 55);
    END;
}

TEST(computing_survives_preemption)
{
    static struct program p[2];
    static bool ended[2];
    static unsigned turn;

    BEGIN;
    for (unsigned i = 0; i < 2; i++) {
        program_make(&p[i], user_compute);
        p[i].data->count = 20000;
        ended[i] = false;
    }
    for (turn = 0; !ended[0] || !ended[1]; turn = ended[1 - turn] ? turn : 1 - turn) {
        hal_timer_set(hal_now() + MILLISECOND / 2);
        RUN(program_next(&p[turn]));
        ended[turn] = t->trap.cause == HAL_SYSCALL;
        CHECK(ended[turn] || t->trap.cause == HAL_TIMER);
    }
    CHECK_EQUAL(p[0].data->result, 0);
    CHECK_EQUAL(p[1].data->result, 0);
    END;
}

static void fill_random(struct save_area *area, uint64_t *seed)
{
    for (unsigned i = 0; i < sizeof(*area) / 8; i++) {
        ((uint64_t *)(void *)area)[i] = random_next(seed);
    }
}

TEST(random_save_areas_fault)
{
    static struct program p;
    static struct save_area area;
    static uint64_t seed;

    BEGIN;
    port_expect_bad_access(true);
    seed = 11;
    for (t->round = 0; t->round < 500; t->round++) {
        if (t->round == 0) {
            program_make(&p, user_call);
        }
        fill_random(&area, &seed);
        hal_context_load(&p.context, &area);
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_FAULT);
    }
    END;
}

TEST(random_registers_run)
{
    static struct program p;
    static struct save_area area;
    static uint64_t seed;

    BEGIN;
    program_make(&p, user_call);
    seed = 12;
    for (t->round = 0; t->round < 500; t->round++) {
        fill_random(&area, &seed);
        port_save_area_set(&area, program_entry(&p, user_call),
                           space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE),
                           space_at(&p.space, PROGRAM_DATA));
        hal_context_load(&p.context, &area);
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
        hal_context_save(&p.context, &area);
        hal_context_load(&p.context, &area);
    }
    END;
}

/* Preempted with random control registers: the kernel is not disturbed, and the round trip loses nothing. */
TEST(random_state_survives_preemption)
{
    static struct program p;
    static struct save_area area, again;
    static uint64_t seed;

    BEGIN;
    program_make(&p, user_spin);
    seed = 13;
    for (t->round = 0; t->round < 30; t->round++) {
        fill_random(&area, &seed);
        port_save_area_set(&area, program_entry(&p, user_spin),
                           space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE),
                           space_at(&p.space, PROGRAM_DATA));
        hal_context_load(&p.context, &area);
        hal_context_save(&p.context, &area);
        hal_context_load(&p.context, &area);
        hal_context_save(&p.context, &again);
        CHECK(mem_equal(&area, &again, sizeof(area)));
        hal_timer_set(hal_now() + MILLISECOND / 2);
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_TIMER);
    }
    END;
}

TEST(forget_is_harmless)
{
    static struct program p;

    BEGIN;
    program_make(&p, user_call);
    hal_context_forget(&p.context);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    hal_context_forget(&p.context);
    END;
}

const struct test context_tests[] = {
    {"HAL-CONTEXT-001", "a fresh context runs as a C function with its argument", 1, starts_as_function},
    {"HAL-CONTEXT-002", "init sets pc, stack and argument and clears the rest", 1, init_sets_what_it_says},
    {"HAL-CONTEXT-003", "a system call carries 14 words both ways", 1, syscall_carries_14_words},
    {"HAL-CONTEXT-004", "two thousand system calls return to where they came from", 1, many_syscalls},
    {"HAL-CONTEXT-005", "preemption keeps all registers, vectors in full", 1, preemption_keeps_registers},
    {"HAL-CONTEXT-006", "a restarted fault keeps all registers, vectors in full", 1, fault_keeps_registers},
    {"HAL-CONTEXT-007", "two programs that take turns keep their registers", 1, switches_keep_registers},
    {"HAL-CONTEXT-008", "a save area continues after an upcall took the context", 1, save_area_moves},
    {"HAL-CONTEXT-009", "the state after a system call can be saved and loaded", 1, save_after_syscall},
    {"HAL-CONTEXT-010", "floating-point results are right under preemption", 1,
     computing_survives_preemption},
    {"HAL-CONTEXT-011", "500 random save areas fault in the program, not in the kernel", 1,
     random_save_areas_fault},
    {"HAL-CONTEXT-012", "500 random register states reach a system call", 1, random_registers_run},
    {"HAL-CONTEXT-013", "random control registers survive preemption and cleaning is stable", 1,
     random_state_survives_preemption},
    {"HAL-CONTEXT-014", "a forgotten context can run afresh", 1, forget_is_harmless},
    {0},
};
