/* SPDX-License-Identifier: MIT */
/* What a program may not do, and how exactly the kernel hears of it. */
#include "suite.h"

/* The trap is a memory fault with exactly this address and access. */
#define CHECK_MEMORY_FAULT(wanted_address, wanted_access)                                                    \
    do {                                                                                                     \
        CHECK_EQUAL(t->trap.cause, HAL_FAULT);                                                               \
        CHECK_EQUAL(t->trap.kind, FAULT_MEMORY);                                                             \
        CHECK_EQUAL(t->trap.address, wanted_address);                                                        \
        CHECK_EQUAL(t->trap.access, wanted_access);                                                          \
    } while (0)

static struct program p;

TEST(null_read)
{
    BEGIN;
    program_make(&p, user_read);
    port_expect_bad_access(true);
    p.data->address = 0;
    RUN(program_next(&p));
    CHECK_MEMORY_FAULT(0, ACCESS_READ);
    END;
}

TEST(null_write)
{
    BEGIN;
    program_make(&p, user_write);
    port_expect_bad_access(true);
    p.data->address = 8;
    RUN(program_next(&p));
    CHECK_MEMORY_FAULT(8, ACCESS_WRITE);
    END;
}

TEST(null_call)
{
    BEGIN;
    program_make(&p, user_jump);
    port_expect_bad_access(true);
    p.data->address = 0;
    RUN(program_next(&p));
    CHECK_MEMORY_FAULT(0, ACCESS_EXECUTE);
    CHECK_EQUAL(hal_context_pc(&p.context), 0);
    END;
}

TEST(unmapped_read)
{
    BEGIN;
    program_make(&p, user_read);
    p.data->address = space_at(&p.space, PROGRAM_FREE + 0x128);
    RUN(program_next(&p));
    CHECK_MEMORY_FAULT(p.data->address, ACCESS_READ);
    END;
}

TEST(unmapped_write)
{
    BEGIN;
    program_make(&p, user_write);
    p.data->address = space_at(&p.space, PROGRAM_FREE + 0x3ff8);
    RUN(program_next(&p));
    CHECK_MEMORY_FAULT(p.data->address, ACCESS_WRITE);
    END;
}

TEST(unmapped_execute)
{
    BEGIN;
    program_make(&p, user_jump);
    p.data->address = space_at(&p.space, PROGRAM_FREE + 0x40);
    RUN(program_next(&p));
    CHECK_MEMORY_FAULT(p.data->address, ACCESS_EXECUTE);
    CHECK_EQUAL(hal_context_pc(&p.context), p.data->address);
    END;
}

TEST(text_write)
{
    BEGIN;
    program_make(&p, user_write);
    p.data->address = space_at(&p.space, PROGRAM_CODE) + 8;
    RUN(program_next(&p));
    CHECK_MEMORY_FAULT(p.data->address, ACCESS_WRITE);
    END;
}

TEST(read_only_write)
{
    static paddr_t page;

    BEGIN;
    page = page_take();
    *(uint64_t *)hal_p2v(page) = 42;
    program_make(&p, user_write);
    space_map(&p.space, PROGRAM_FREE, page, RO);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    RUN(program_next(&p));
    CHECK_MEMORY_FAULT(p.data->address, ACCESS_WRITE);
    CHECK_EQUAL(*(uint64_t *)hal_p2v(page), 42);
    END;
}

TEST(data_execute)
{
    BEGIN;
    program_make(&p, user_jump);
    port_function(p.data->in, 1);
    hal_sync_code(p.data_page, PAGE_SIZE);
    p.data->address = space_at(&p.space, PROGRAM_DATA) + offsetof(struct user_data, in);
    RUN(program_next(&p));
    CHECK_MEMORY_FAULT(p.data->address, ACCESS_EXECUTE);
    END;
}

TEST(kernel_page_is_not_for_programs)
{
    BEGIN;
    program_make(&p, user_read);
    space_write(&p.space, PROGRAM_FREE, pt_kernel_leaf(PT_LEVELS - 1, page_take(), RW, PT_MEMORY_NORMAL));
    hal_vspace_mapped(&p.space.vs, space_at(&p.space, PROGRAM_FREE), PAGE_SIZE);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    RUN(program_next(&p));
    CHECK_MEMORY_FAULT(p.data->address, ACCESS_READ);
    END;
}

TEST(stack_overflow)
{
    BEGIN;
    program_make(&p, user_recurse);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_FAULT);
    CHECK_EQUAL(t->trap.kind, FAULT_MEMORY);
    CHECK_EQUAL(t->trap.access, ACCESS_WRITE);
    CHECK(t->trap.address < space_at(&p.space, PROGRAM_STACK));
    CHECK(t->trap.address >= space_at(&p.space, PROGRAM_STACK) - PAGE_SIZE);
    END;
}

TEST(illegal)
{
    BEGIN;
    program_make(&p, user_illegal);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_FAULT);
    CHECK_EQUAL(t->trap.kind, FAULT_ILLEGAL);
    CHECK_EQUAL(hal_context_pc(&p.context), program_entry(&p, user_illegal));
    END;
}

TEST(breakpoint)
{
    BEGIN;
    program_make(&p, user_breakpoint);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_FAULT);
    CHECK_EQUAL(t->trap.kind, FAULT_BREAKPOINT);
    CHECK_EQUAL(hal_context_pc(&p.context), program_entry(&p, user_breakpoint));
    END;
}

TEST(bad_stack_is_the_programs)
{
    BEGIN;
    program_make(&p, user_call);
    port_expect_bad_access(true);
    hal_context_enter(&p.context, program_entry(&p, user_call), 0x10, space_at(&p.space, PROGRAM_DATA));
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_FAULT);
    CHECK_EQUAL(t->trap.kind, FAULT_MEMORY);
    END;
}

TEST(fault_can_be_repaired)
{
    static paddr_t page;

    BEGIN;
    program_make(&p, user_touch);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    p.data->count = 16;
    p.data->stride = PAGE_SIZE;
    for (t->round = 0; t->round < 16; t->round++) {
        RUN(program_next(&p));
        CHECK_MEMORY_FAULT(p.data->address + t->round * PAGE_SIZE, ACCESS_READ);
        page = page_take();
        *(uint64_t *)hal_p2v(page) = t->round;
        space_map(&p.space, PROGRAM_FREE + t->round * PAGE_SIZE, page, RW);
    }
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(p.data->result, 15 * 16 / 2);
    END;
}

const struct test fault_tests[] = {
    {"HAL-FAULT-001", "reading NULL is a read fault at 0", 1, null_read},
    {"HAL-FAULT-002", "writing behind NULL is a write fault at that address", 1, null_write},
    {"HAL-FAULT-003", "calling NULL is an execute fault at 0", 1, null_call},
    {"HAL-FAULT-004", "reading an unmapped page is a read fault at the exact address", 1, unmapped_read},
    {"HAL-FAULT-005", "writing an unmapped page is a write fault at the exact address", 1, unmapped_write},
    {"HAL-FAULT-006", "jumping to an unmapped page is an execute fault there", 1, unmapped_execute},
    {"HAL-FAULT-007", "code cannot be written", 1, text_write},
    {"HAL-FAULT-008", "a read-only page cannot be written and keeps its content", 1, read_only_write},
    {"HAL-FAULT-009", "data cannot be executed", 1, data_execute},
    {"HAL-FAULT-010", "a page of the kernel's own cannot be read", 1, kernel_page_is_not_for_programs},
    {"HAL-FAULT-011", "a stack that overflows writes to the page below it", 1, stack_overflow},
    {"HAL-FAULT-012", "an illegal instruction is reported at its address", 1, illegal},
    {"HAL-FAULT-013", "a breakpoint is reported at its address", 1, breakpoint},
    {"HAL-FAULT-014", "a stack pointer that leads nowhere hurts its program only", 1,
     bad_stack_is_the_programs},
    {"HAL-FAULT-015", "sixteen faults are repaired one by one and the program continues", 1,
     fault_can_be_repaired},
    {0},
};
