/* SPDX-License-Identifier: MIT */
/* What only this port has: the processor's peculiarities, and the console device. */
#include <stdatomic.h>
#include <mudskipper/arch/hostcon.h>
#include "../suite.h"
#include "../../../arch/hostsim/kernel/sim.h"
#include "../../../arch/hostsim/kernel/tools.h"

#define WILD 0xdead000000001000u /* not canonical */

void x86_single_step(struct user_data *d);
void x86_alignment_check(struct user_data *d);
void x86_direction(struct user_data *d);
void x86_pending_x87(struct user_data *d);
void x86_mxcsr(struct user_data *d);
void x86_divide(struct user_data *d);
void x86_halt(struct user_data *d);
void x86_port_output(struct user_data *d);
void x86_host_call(struct user_data *d);
void x86_host_call_32(struct user_data *d);
void x86_misaligned_vector(struct user_data *d);
void x86_wild_read(struct user_data *d);
void x86_wild_indexed_write(struct user_data *d);
void x86_wild_jump(struct user_data *d);
void x86_wild_return(struct user_data *d);
void x86_wild_push(struct user_data *d);
void x86_string_store(struct user_data *d);

static struct program p;

static void make(void (*entry)(struct user_data *))
{
    program_make(&p, entry);
    port_expect_bad_access(true);
    p.data->address = WILD;
}

/* Another one in its place, in the same test. */
static void make_again(void (*entry)(struct user_data *))
{
    space_destroy(&p.space);
    make(entry);
}

#define CHECK_FAULT(wanted_kind)                                                                             \
    do {                                                                                                     \
        RUN(program_next(&p));                                                                               \
        CHECK_EQUAL(t->trap.cause, HAL_FAULT);                                                               \
        CHECK_EQUAL(t->trap.kind, wanted_kind);                                                              \
    } while (0)

#define CHECK_WILD(wanted_address, wanted_access)                                                            \
    do {                                                                                                     \
        CHECK_FAULT(FAULT_MEMORY);                                                                           \
        CHECK_EQUAL(t->trap.address, wanted_address);                                                        \
        CHECK_EQUAL(t->trap.access, wanted_access);                                                          \
    } while (0)

#define CHECK_CALL()                                                                                         \
    do {                                                                                                     \
        RUN(program_next(&p));                                                                               \
        CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);                                                             \
    } while (0)

TEST(single_step)
{
    BEGIN;
    make(x86_single_step);
    CHECK_FAULT(FAULT_BREAKPOINT);
    CHECK_CALL();
    END;
}

TEST(alignment_check)
{
    BEGIN;
    make(x86_alignment_check);
    for (t->round = 0; t->round < 3; t->round++) {
        CHECK_CALL();
    }
    END;
}

TEST(direction)
{
    static uint8_t bytes[64];

    BEGIN;
    make(x86_direction);
    for (t->round = 0; t->round < 3; t->round++) {
        CHECK_CALL();
        for (unsigned i = 0; i < sizeof(bytes); i++) {
            bytes[i] = (uint8_t)i;
        }
        mem_move(bytes + 1, bytes, sizeof(bytes) - 1);
        CHECK_EQUAL(bytes[63], 62);
    }
    END;
}

TEST(pending_x87)
{
    static volatile long double one, three;

    BEGIN;
    make(x86_pending_x87);
    CHECK_CALL();
    one = 1;
    three = 3;
    CHECK(one / three > 0.333L && one / three < 0.334L);
    CHECK_CALL();
    END;
}

TEST(mxcsr)
{
    static volatile double one, three;
    static uint64_t mask;

    BEGIN;
    make(x86_mxcsr);
    CHECK_CALL();
    one = 1;
    three = 3;
    CHECK(one / three > 0.333 && one / three < 0.334); /* inexact: would trap */
    CHECK_CALL();
    mask = RUNNING_ON_VALGRIND != 0 ? 0x6000 : 0xffc0; /* which keeps the rounding mode only */
    CHECK_EQUAL(p.data->result & mask, 0xc000 & mask);
    END;
}

TEST(divide)
{
    BEGIN;
    make(x86_divide);
    CHECK_FAULT(FAULT_ARITHMETIC);
    END;
}

TEST(halt)
{
    BEGIN;
    make(x86_halt);
    CHECK_FAULT(FAULT_ILLEGAL);
    CHECK_EQUAL(hal_context_pc(&p.context), program_entry(&p, x86_halt));
    make_again(x86_port_output);
    CHECK_FAULT(FAULT_ILLEGAL);
    END;
}

TEST(host_calls)
{
    BEGIN;
    make(x86_host_call);
    CHECK_FAULT(FAULT_ILLEGAL);
    CHECK_EQUAL(hal_context_pc(&p.context), program_entry(&p, x86_host_call) + 5);
    make_again(x86_host_call_32);
    CHECK_FAULT(FAULT_ILLEGAL);
    CHECK_EQUAL(hal_context_pc(&p.context), program_entry(&p, x86_host_call_32) + 5);
    END;
}

TEST(misaligned_vector)
{
    BEGIN;
    make(x86_misaligned_vector);
    CHECK_FAULT(FAULT_ALIGNMENT);
    END;
}

TEST(wild_addresses)
{
    BEGIN;
    make(x86_wild_read);
    CHECK_WILD(WILD + 0x18, ACCESS_READ);
    make_again(x86_wild_indexed_write);
    CHECK_WILD(WILD + 0x60, ACCESS_WRITE);
    make_again(x86_wild_jump);
    CHECK_WILD(WILD, ACCESS_EXECUTE);
    make_again(x86_wild_return);
    CHECK_WILD(WILD, ACCESS_EXECUTE);
    make_again(x86_wild_push);
    CHECK_WILD(WILD, ACCESS_READ);
    END;
}

#define STRING_PAGES 5u

TEST(string_store)
{
    static paddr_t pages;

    BEGIN;
    make(x86_string_store);
    pages = pages_take(STRING_PAGES);
    p.data->address = space_at(&p.space, PROGRAM_FREE) + 100;
    p.data->count = STRING_PAGES * PAGE_SIZE - 200;
    for (t->round = 0; t->round < STRING_PAGES; t->round++) {
        CHECK_FAULT(FAULT_MEMORY);
        CHECK_EQUAL(t->trap.access, ACCESS_WRITE);
        space_map(&p.space, PROGRAM_FREE + t->round * PAGE_SIZE, pages + t->round * PAGE_SIZE, RW);
    }
    CHECK_CALL();
    CHECK_EQUAL(p.data->result, p.data->address + p.data->count);
    for (unsigned i = 0; i < STRING_PAGES * PAGE_SIZE; i++) {
        CHECK_EQUAL(((uint8_t *)hal_p2v(pages))[i],
                    i >= 100 && i < STRING_PAGES * PAGE_SIZE - 100 ? 0x5a : 0);
    }
    END;
}

/* A program that jumps behind the check at the kernel's exit is told where it wanted to go. */
TEST(pc_outside)
{
    BEGIN;
    make(user_call);
    for (t->round = 0; t->round < 3; t->round++) {
        static const uint64_t places[] = {0, WILD, 0x1234};

        hal_context_enter(&p.context, places[t->round], 0, 0);
        CHECK_FAULT(FAULT_MEMORY);
        CHECK_EQUAL(t->trap.access, ACCESS_EXECUTE);
        CHECK_EQUAL(t->trap.address, hal_context_pc(&p.context));
    }
    END;
}

TEST(hostcon_page)
{
    static struct hostcon *host;

    BEGIN;
    host = sim_device_memory(SIM_DEVICE_BASE);
    program_make(&p, user_touch);
    space_write(&p.space, PROGRAM_FREE, pt_leaf(PT_LEVELS - 1, SIM_DEVICE_BASE, RW, PT_MEMORY_DEVICE));
    hal_vspace_mapped(&p.space.vs, space_at(&p.space, PROGRAM_FREE), PAGE_SIZE);
    host->sent[atomic_load(&host->sent_head) % HOSTCON_SENT] = '#'; /* a comment of TAP */
    host->sent[(atomic_load(&host->sent_head) + 1) % HOSTCON_SENT] = '\n';
    p.data->address = space_at(&p.space, PROGRAM_FREE) + offsetof(struct hostcon, sent_head);
    p.data->count = 2;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    for (t->round = 0; atomic_load(&host->sent_tail) != 2 && t->round < 5000; t->round++) {
        hal_timer_set(hal_now() + MILLISECOND);
        RUN(IDLE);
    }
    CHECK_EQUAL(atomic_load(&host->sent_tail), 2);
    END;
}

const struct test port_tests[] = {
    {"HAL-X86-001", "single-stepping is the program's trap, and ends at the kernel", 1 | NEEDS_REAL_PROCESSOR,
     single_step},
    {"HAL-X86-002", "alignment checks of a program do not reach the kernel", 1, alignment_check},
    {"HAL-X86-003", "the direction flag of a program does not reach the kernel", 1, direction},
    {"HAL-X86-004", "a pending x87 exception does not reach the kernel", 1, pending_x87},
    {"HAL-X86-005", "SSE control bits stay in the program, and stay", 1, mxcsr},
    {"HAL-X86-006", "a division by zero is an arithmetic fault", 1, divide},
    {"HAL-X86-007", "privileged instructions are illegal", 1 | NEEDS_REAL_PROCESSOR, halt},
    {"HAL-X86-008", "system calls of the host are illegal", 1 | NEEDS_REAL_PROCESSOR | NEEDS_OWN_CODE_ONLY,
     host_calls},
    {"HAL-X86-009", "a misaligned vector access is an alignment fault", 1 | NEEDS_REAL_PROCESSOR,
     misaligned_vector},
    {"HAL-X86-010", "accesses to impossible addresses are reported with them", 1 | NEEDS_REAL_PROCESSOR,
     wild_addresses},
    {"HAL-X86-011", "a string instruction survives faults page by page", 1, string_store},
    {"HAL-X86-012", "a program counter outside is an execute fault before anything runs", 1, pc_outside},
    {"HAL-HOSTCON-001", "a program writes through the console's page", 1, hostcon_page},
    {0},
};
