/* SPDX-License-Identifier: MIT */
/* Address spaces and their TLB. */
#include "suite.h"

static struct program p, q;

static uint64_t *page_with(paddr_t page, uint64_t word)
{
    uint64_t *view = hal_p2v(page);

    *view = word;
    return view;
}

TEST(base_and_size)
{
    BEGIN;
    program_make(&p, user_call);
    CHECK_EQUAL(hal_vspace_base(&p.space.vs) & (PAGE_SIZE * 512 - 1), 0);
    CHECK(hal_vspace_size(&p.space.vs) >= (uint64_t)2 << 30);
    CHECK(hal_vspace_base(&p.space.vs) + hal_vspace_size(&p.space.vs) > hal_vspace_base(&p.space.vs));
    END;
}

TEST(read_what_kernel_wrote)
{
    static paddr_t page;

    BEGIN;
    page = page_take();
    page_with(page, 0xabcdef);
    program_make(&p, user_touch);
    space_map(&p.space, PROGRAM_FREE, page, RW);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    p.data->count = 1;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(p.data->result, 0xabcdef);
    CHECK_EQUAL(*(uint64_t *)hal_p2v(page), 0xabcdf0);
    END;
}

/* Everything between the first and the last byte of what programs may use. */
TEST(both_ends_are_usable)
{
    static uint64_t last;

    BEGIN;
    program_make(&p, user_touch);
    last = hal_vspace_size(&p.space.vs) - PAGE_SIZE;
    space_map(&p.space, last, page_take(), RW);
    p.data->address = space_at(&p.space, last + PAGE_SIZE - 8);
    p.data->count = 1;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    END;
}

TEST(unmapped_page_faults)
{
    BEGIN;
    program_make(&p, user_touch);
    space_map(&p.space, PROGRAM_FREE, page_take(), RW);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    p.data->count = 1;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    space_unmap(&p.space, PROGRAM_FREE);
    hal_context_enter(&p.context, program_entry(&p, user_touch),
                      space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE),
                      space_at(&p.space, PROGRAM_DATA));
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_FAULT);
    CHECK_EQUAL(t->trap.address, p.data->address);
    END;
}

TEST(protected_page_faults)
{
    static paddr_t page;

    BEGIN;
    page = page_take();
    program_make(&p, user_touch);
    space_map(&p.space, PROGRAM_FREE, page, RW);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    p.data->count = 1;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    space_change(&p.space, PROGRAM_FREE, page, RO);
    hal_context_enter(&p.context, program_entry(&p, user_touch),
                      space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE),
                      space_at(&p.space, PROGRAM_DATA));
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_FAULT);
    CHECK_EQUAL(t->trap.access, ACCESS_WRITE);
    CHECK_EQUAL(*(uint64_t *)hal_p2v(page), 1);
    space_change(&p.space, PROGRAM_FREE, page, RW);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(*(uint64_t *)hal_p2v(page), 2);
    END;
}

TEST(replaced_page_shows)
{
    static paddr_t old, new;

    BEGIN;
    old = page_take();
    new = page_take();
    page_with(old, 100);
    page_with(new, 200);
    program_make(&p, user_touch);
    space_map(&p.space, PROGRAM_FREE, old, RW);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    p.data->count = 1;
    RUN(program_next(&p));
    CHECK_EQUAL(p.data->result, 100);
    space_change(&p.space, PROGRAM_FREE, new, RW);
    hal_context_enter(&p.context, program_entry(&p, user_touch),
                      space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE),
                      space_at(&p.space, PROGRAM_DATA));
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(p.data->result, 200);
    CHECK_EQUAL(*(uint64_t *)hal_p2v(old), 101);
    END;
}

/* A hole in the middle of a run: its neighbours stay. */
TEST(hole_in_a_run)
{
    static paddr_t pages;

    BEGIN;
    pages = pages_take(8);
    program_make(&p, user_touch);
    for (unsigned i = 0; i < 8; i++) {
        space_write(&p.space, PROGRAM_FREE + i * PAGE_SIZE,
                    pt_leaf(PT_LEVELS - 1, pages + i * PAGE_SIZE, RW, PT_MEMORY_NORMAL));
    }
    hal_vspace_mapped(&p.space.vs, space_at(&p.space, PROGRAM_FREE), 8 * PAGE_SIZE);
    space_unmap(&p.space, PROGRAM_FREE + 5 * PAGE_SIZE);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    p.data->count = 8;
    p.data->stride = PAGE_SIZE;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_FAULT);
    CHECK_EQUAL(t->trap.address, p.data->address + 5 * PAGE_SIZE);
    space_map(&p.space, PROGRAM_FREE + 5 * PAGE_SIZE, pages + 5 * PAGE_SIZE, RW);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    for (unsigned i = 0; i < 8; i++) {
        CHECK_EQUAL(*(uint64_t *)hal_p2v(pages + i * PAGE_SIZE), 1);
    }
    END;
}

TEST(same_address_other_content)
{
    static paddr_t a, b;

    BEGIN;
    a = page_take();
    b = page_take();
    page_with(a, 111);
    page_with(b, 222);
    program_make(&p, user_touch);
    program_make(&q, user_touch);
    space_map(&p.space, PROGRAM_FREE, a, RW);
    space_map(&q.space, PROGRAM_FREE, b, RW);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    q.data->address = space_at(&q.space, PROGRAM_FREE);
    p.data->count = q.data->count = 1;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    RUN(program_next(&q));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(p.data->result, 111);
    CHECK_EQUAL(q.data->result, 222);
    END;
}

TEST(page_shared_by_two)
{
    static paddr_t page;

    BEGIN;
    page = page_take();
    program_make(&p, user_touch);
    program_make(&q, user_touch);
    space_map(&p.space, PROGRAM_FREE, page, RW);
    space_map(&q.space, PROGRAM_FREE + PAGE_SIZE, page, RW);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    q.data->address = space_at(&q.space, PROGRAM_FREE + PAGE_SIZE);
    p.data->count = q.data->count = 1;
    RUN(program_next(&p));
    RUN(program_next(&q));
    CHECK_EQUAL(q.data->result, 1);
    CHECK_EQUAL(*(uint64_t *)hal_p2v(page), 2);
    END;
}

/* What the last space had at an address, the next one with the same address must not have. */
TEST(destroyed_space_leaves_nothing)
{
    static paddr_t page;

    BEGIN;
    page = page_take();
    for (t->round = 0; t->round < 20; t->round++) {
        program_make(&p, user_touch);
        p.data->address = space_at(&p.space, PROGRAM_FREE);
        p.data->count = 1;
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_FAULT);
        space_map(&p.space, PROGRAM_FREE, page, RW);
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
        CHECK_EQUAL(p.data->result, t->round);
        space_destroy(&p.space);
    }
    END;
}

TEST(refill_says_what_the_table_says)
{
    BEGIN;
    program_make(&p, user_call);
    space_map(&p.space, PROGRAM_FREE, page_take(), RO);
    CHECK(!hal_vspace_refill(&p.space.vs, space_at(&p.space, PROGRAM_FREE), ACCESS_WRITE));
    CHECK(!hal_vspace_refill(&p.space.vs, space_at(&p.space, PROGRAM_FREE), ACCESS_EXECUTE));
    CHECK(!hal_vspace_refill(&p.space.vs, space_at(&p.space, PROGRAM_FREE + PAGE_SIZE), ACCESS_READ));
    CHECK(!hal_vspace_refill(&p.space.vs, hal_vspace_base(&p.space.vs) + hal_vspace_size(&p.space.vs),
                             ACCESS_READ));
    CHECK(!hal_vspace_refill(&p.space.vs, UINT64_MAX, ACCESS_READ));
    CHECK(!hal_vspace_refill(&p.space.vs, 0xdeadbeefdeadbeef, ACCESS_READ));
    END;
}

/* A level-2 leaf in place of a table. */
static void write_block(struct space *s, uint64_t offset, paddr_t block)
{
    pte_t *table = hal_p2v(s->root);

    space_write(s, offset, 0); /* makes the tables */
    table = hal_p2v(pte_next_table(table[pt_index(offset, 0)]));
    table = hal_p2v(pte_next_table(table[pt_index(offset, 1)]));
    table[pt_index(offset, 2)] = pt_leaf(2, block, RW, PT_MEMORY_NORMAL);
}

TEST(blocks_are_usable)
{
    static paddr_t block;

    BEGIN;
    block = pages_take(1024);
    block = (block + 512 * PAGE_SIZE - 1) & ~(512 * PAGE_SIZE - 1);
    page_with(block + 511 * PAGE_SIZE, 77);
    program_make(&p, user_touch);
    write_block(&p.space, PROGRAM_FREE, block);
    hal_vspace_changed(&p.space.vs, space_at(&p.space, PROGRAM_FREE), 512 * PAGE_SIZE);
    p.data->address = space_at(&p.space, PROGRAM_FREE + 511 * PAGE_SIZE);
    p.data->count = 1;
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    CHECK_EQUAL(p.data->result, 77);
    END;
}

#define MANY 40000u

/* More separate pieces than a host has mappings, all of them one page, each usable, twice. */
TEST(very_many_pieces)
{
    static paddr_t page;

    BEGIN;
    page = page_take();
    program_make(&p, user_touch);
    for (unsigned i = 0; i < MANY; i++) {
        space_map(&p.space, PROGRAM_FREE + i * 2 * PAGE_SIZE, page, RW);
    }
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    p.data->count = MANY;
    p.data->stride = 2 * PAGE_SIZE;
    for (t->round = 0; t->round < 2; t->round++) {
        hal_context_enter(&p.context, program_entry(&p, user_touch),
                          space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE),
                          space_at(&p.space, PROGRAM_DATA));
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
        CHECK_EQUAL(*(uint64_t *)hal_p2v(page), (t->round + 1) * MANY);
    }
    END;
}

TEST(code_can_be_replaced)
{
    static paddr_t page;

    BEGIN;
    page = page_take();
    program_make(&p, user_jump);
    port_function(hal_p2v(page), 0);
    space_map(&p.space, PROGRAM_FREE, page, RX);
    p.data->address = space_at(&p.space, PROGRAM_FREE);
    for (t->round = 0; t->round < 20; t->round++) {
        hal_sync_code(page, port_function(hal_p2v(page), (unsigned short)(t->round + 1000)));
        hal_context_enter(&p.context, program_entry(&p, user_jump),
                          space_at(&p.space, PROGRAM_STACK + PROGRAM_STACK_SIZE),
                          space_at(&p.space, PROGRAM_DATA));
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
        CHECK_EQUAL(p.data->result, t->round + 1000);
    }
    END;
}

#define SPACES 40u

TEST(many_spaces)
{
    static struct space s[SPACES];

    BEGIN;
    for (unsigned i = 0; i < SPACES; i++) {
        space_make(&s[i]);
        space_map(&s[i], PROGRAM_FREE, page_take(), RW);
    }
    for (unsigned i = 0; i < SPACES; i += 2) {
        space_destroy(&s[i]);
    }
    program_make(&p, user_call);
    RUN(program_next(&p));
    CHECK_EQUAL(t->trap.cause, HAL_SYSCALL);
    END;
}

const struct test vspace_tests[] = {
    {"HAL-VSPACE-001", "an address space is large and its base aligned", 1, base_and_size},
    {"HAL-VSPACE-002", "kernel and program see the same bytes", 1, read_what_kernel_wrote},
    {"HAL-VSPACE-003", "the last page of an address space is usable", 1, both_ends_are_usable},
    {"HAL-VSPACE-004", "an unmapped page faults at once", 1, unmapped_page_faults},
    {"HAL-VSPACE-005", "a page made read-only faults on a write, made writable again it does not", 1,
     protected_page_faults},
    {"HAL-VSPACE-006", "a replaced page shows its new frame at once", 1, replaced_page_shows},
    {"HAL-VSPACE-007", "a hole in a run of pages leaves its neighbours mapped", 1, hole_in_a_run},
    {"HAL-VSPACE-008", "two address spaces differ at the same offset", 1, same_address_other_content},
    {"HAL-VSPACE-009", "two address spaces share a frame", 1, page_shared_by_two},
    {"HAL-VSPACE-010", "twenty spaces in the place of one another inherit nothing", 1,
     destroyed_space_leaves_nothing},
    {"HAL-VSPACE-011", "refill refuses what the table refuses", 1, refill_says_what_the_table_says},
    {"HAL-VSPACE-012", "a 2 MiB block is usable to its last page", 1, blocks_are_usable},
    {"HAL-VSPACE-013", "forty thousand separate mappings are all usable", 1, very_many_pieces},
    {"HAL-VSPACE-014", "replaced code is what runs", 1, code_can_be_replaced},
    {"HAL-VSPACE-015", "forty address spaces at once", 1, many_spaces},
    {0},
};
