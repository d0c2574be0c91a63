/* SPDX-License-Identifier: MIT */
/* Descriptors and the walker. Tables lie in one array that stands for RAM at RAM_BASE. */
#include "pure_test.h"
#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/pure/page_table.h>

#define RAM_BASE ((paddr_t)0x40000000)
#define TABLES   32u
#define NORMAL   PT_MEMORY_NORMAL

static _Alignas(4096) pte_t ram[TABLES][PT_ENTRIES];
static unsigned tables_used;

static void *p2v(paddr_t address)
{
    if (address < RAM_BASE || address - RAM_BASE >= sizeof(ram) || (address & PAGE_MASK) != 0) {
        return NULL;
    }
    return ram[(address - RAM_BASE) / PAGE_SIZE];
}

static paddr_t new_table(void)
{
    assert_true(tables_used < TABLES);
    return RAM_BASE + PAGE_SIZE * tables_used++;
}

static int clear_ram(void **state)
{
    (void)state;
    memset(ram, 0, sizeof(ram));
    tables_used = 0;
    return 0;
}

/* The table of `level` for an offset, made if it is missing. */
static pte_t *table_for(paddr_t root, uint64_t offset, unsigned level)
{
    pte_t *table = p2v(root);

    for (unsigned l = 0; l < level; l++) {
        pte_t *entry = &table[pt_index(offset, l)];
        if (*entry == 0) {
            *entry = pt_table(new_table());
        }
        table = p2v(pte_next_table(*entry));
    }
    return table;
}

static void put_leaf(paddr_t root, uint64_t offset, unsigned level, paddr_t address, unsigned rights)
{
    assert_ok(pt_check_leaf(level, address, rights, NORMAL));
    table_for(root, offset, level)[pt_index(offset, level)] = pt_leaf(level, address, rights, NORMAL);
}

/* --- descriptors --- */

static void test_geometry(void **state)
{
    const uint64_t offset =
        (uint64_t)0x1ff << 39 | (uint64_t)0x0aa << 30 | (uint64_t)0x155 << 21 | 0x001 << 12 | 0xfff;

    (void)state;
    assert_int_equal(pt_entry_bytes(0), (uint64_t)512 << 30);
    assert_int_equal(pt_entry_bytes(1), 1 << 30);
    assert_int_equal(pt_entry_bytes(2), 2 << 20);
    assert_int_equal(pt_entry_bytes(3), 4096);
    assert_int_equal(pt_index(offset, 0), 0x1ff);
    assert_int_equal(pt_index(offset, 1), 0x0aa);
    assert_int_equal(pt_index(offset, 2), 0x155);
    assert_int_equal(pt_index(offset, 3), 0x001);
}

/* The bits themselves, from the Arm Architecture Reference Manual (D5.3), written out by hand. */
static void test_bits(void **state)
{
    const paddr_t address = 0x0000876543210000ull & ~PAGE_MASK;
    const uint64_t xn = (uint64_t)1 << 54 | (uint64_t)1 << 53;

    (void)state;
    assert_int_equal(pt_table(0x12345000), 0x12345003);
    assert_int_equal(pt_leaf(3, address, CAP_READ, NORMAL), address | xn | 0xfc7);
    assert_int_equal(pt_leaf(3, address, CAP_READ | CAP_WRITE, NORMAL), address | xn | 0xf47);
    assert_int_equal(pt_leaf(3, address, CAP_READ | CAP_EXECUTE, NORMAL),
                     address | (uint64_t)1 << 53 | 0xfc7);
    assert_int_equal(pt_leaf(3, address, CAP_EXECUTE, NORMAL), address | (uint64_t)1 << 53 | 0xf87);
    assert_int_equal(pt_leaf(3, address, 0, NORMAL), address | xn | 0xf87);
    assert_int_equal(pt_leaf(2, 0x200000, CAP_READ, NORMAL), 0x200000 | xn | 0xfc5);
    assert_int_equal(pt_leaf(3, address, CAP_READ | CAP_WRITE, PT_MEMORY_DEVICE), address | xn | 0xe43);
    assert_int_equal(pt_leaf(3, address, CAP_READ | CAP_WRITE, PT_MEMORY_WRITE_COMBINING),
                     address | xn | 0xe4b);
    assert_int_equal(pt_kernel_leaf(3, address, CAP_READ | CAP_WRITE, NORMAL), address | xn | 0x707);
    assert_int_equal(pt_kernel_leaf(1, 0, CAP_READ | CAP_EXECUTE, NORMAL), (uint64_t)1 << 54 | 0x785);
    assert_int_equal(PT_MAIR, 0x44ff04);
}

/* Is this combination one that pt_check_leaf documents as possible? Written from the header's list. */
static bool possible(unsigned rights, unsigned memory)
{
    bool r = rights & CAP_READ, w = rights & CAP_WRITE, x = rights & CAP_EXECUTE;
    return !(w && x) && !(w && !r) && !(x && memory != NORMAL);
}

static void test_round_trip(void **state)
{
    (void)state;
    for (unsigned level = 1; level <= 3; level++) {
        for (unsigned rights = 0; rights <= PT_RIGHTS; rights++) {
            for (unsigned memory = 0; memory <= 2; memory++) {
                paddr_t address = pt_entry_bytes(level) * 5;
                struct pt_leaf leaf;
                bool accepted = err_ok(pt_check_leaf(level, address, rights, memory));
                assert_int_equal(accepted, possible(rights, memory));
                if (!accepted) {
                    continue;
                }
                pte_t pte = pt_leaf(level, address, rights | CAP_GRANT | CAP_IDENTIFY, memory);
                assert_int_equal(pte_kind(pte, level), PTE_LEAF);
                assert_true(pt_decode(pte, level, &leaf));
                assert_true(leaf.address == address && leaf.bytes == pt_entry_bytes(level));
                assert_true(leaf.rights == rights && leaf.memory == memory && !leaf.kernel);
                assert_true(pt_decode(pt_kernel_leaf(level, address, rights, memory), level, &leaf));
                assert_true(leaf.rights == (rights | CAP_READ) && leaf.kernel && leaf.memory == memory);
            }
        }
    }
}

static void test_refusals(void **state)
{
    const unsigned rw = CAP_READ | CAP_WRITE;

    (void)state;
    assert_error(pt_check_leaf(0, 0, CAP_READ, NORMAL), ERR_MAP_WRONG_LEVEL, 0);
    assert_error(pt_check_leaf(4, 0, CAP_READ, NORMAL), ERR_MAP_WRONG_LEVEL, 4);
    assert_error(pt_check_leaf(3, 0x1001, CAP_READ, NORMAL), ERR_MAP_UNALIGNED, 0x1001);
    assert_error(pt_check_leaf(2, 0x1000, CAP_READ, NORMAL), ERR_MAP_UNALIGNED, 0x1000);
    assert_error(pt_check_leaf(1, 0x200000, CAP_READ, NORMAL), ERR_MAP_UNALIGNED, 0x200000);
    assert_error(pt_check_leaf(3, PT_SPAN, CAP_READ, NORMAL), ERR_OUT_OF_RANGE, PT_SPAN);
    assert_error(pt_check_leaf(3, 0, rw | CAP_EXECUTE, NORMAL), ERR_MAP_WRITE_EXECUTE, 7);
    assert_error(pt_check_leaf(3, 0, CAP_WRITE, NORMAL), ERR_MAP_IMPOSSIBLE, CAP_WRITE);
    assert_error(pt_check_leaf(3, 0, CAP_EXECUTE, PT_MEMORY_DEVICE), ERR_MAP_IMPOSSIBLE, CAP_EXECUTE);
    assert_error(pt_check_leaf(3, 0, CAP_READ, (enum pt_memory)3), ERR_MAP_IMPOSSIBLE, CAP_READ);
    assert_ok(pt_check_leaf(3, PT_SPAN - PAGE_SIZE, rw, NORMAL));
}

static void test_kinds(void **state)
{
    (void)state;
    assert_int_equal(pte_kind(0, 0), PTE_INVALID);
    assert_int_equal(pte_kind(UINT64_MAX - 1, 3), PTE_INVALID); /* bit 0 alone decides */
    assert_int_equal(pte_kind(pt_table(0x1000), 0), PTE_TABLE);
    assert_int_equal(pte_kind(pt_table(0x1000), 2), PTE_TABLE);
    assert_int_equal(pte_kind(pt_table(0x1000), 3), PTE_MALFORMED);
    assert_int_equal(pte_kind(pt_table(0x1000) | PT_SOFTWARE_MASK, 1), PTE_TABLE);
    assert_int_equal(pte_kind(pt_table(0x1000) | (uint64_t)1 << 63, 1), PTE_MALFORMED); /* NSTable */
    assert_int_equal(pte_kind(1, 0), PTE_MALFORMED);                                    /* no blocks there */
    assert_int_equal(pte_kind(pt_leaf(2, 0x200000, CAP_READ, NORMAL), 3), PTE_MALFORMED);
    assert_int_equal(pte_kind(pt_leaf(2, 0x200000, CAP_READ, NORMAL), 1),
                     PTE_MALFORMED); /* unaligned there */
}

/* One bit changed gives another leaf, an invalid entry, a table, or is refused: never something not
 * encodable. */
static void test_decoder_is_exact(void **state)
{
    uint64_t seed = 0x70616765;

    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        unsigned level = (unsigned)random_below(&seed, 4);
        pte_t pte = random_next(&seed);
        struct pt_leaf leaf = {0};
        if (i % 2) { /* near a good one */
            pte = pt_leaf(3, 0x7000, CAP_READ, NORMAL) ^ (pte_t)1 << random_below(&seed, 64);
            level = 3;
        }
        if (!pt_decode(pte, level, &leaf)) {
            continue;
        }
        pte_t again = leaf.kernel ? pt_kernel_leaf(level, leaf.address, leaf.rights, leaf.memory)
                                  : pt_leaf(level, leaf.address, leaf.rights, leaf.memory);
        assert_int_equal(again, pte & ~PT_SOFTWARE_MASK);
        assert_ok(pt_check_leaf(level, leaf.address, leaf.rights, leaf.memory));
    }
}

static void test_allows(void **state)
{
    const struct pt_leaf page = {0, PAGE_SIZE, CAP_READ | CAP_EXECUTE, NORMAL, false};
    const struct pt_leaf data = {0, PAGE_SIZE, CAP_READ | CAP_WRITE, NORMAL, false};
    const struct pt_leaf code = {0, PAGE_SIZE, CAP_EXECUTE, NORMAL, false};
    const struct pt_leaf kernel = {0, PAGE_SIZE, CAP_READ | CAP_WRITE, NORMAL, true};

    (void)state;
    assert_true(pt_allows(&page, ACCESS_READ));
    assert_true(pt_allows(&page, ACCESS_READ | ACCESS_EXECUTE));
    assert_false(pt_allows(&page, ACCESS_WRITE));
    assert_false(pt_allows(&page, ACCESS_READ | ACCESS_WRITE));
    assert_true(pt_allows(&data, ACCESS_READ | ACCESS_WRITE) && !pt_allows(&data, ACCESS_EXECUTE));
    assert_true(pt_allows(&code, ACCESS_EXECUTE) && !pt_allows(&code, ACCESS_READ));
    assert_false(pt_allows(&kernel, ACCESS_READ));
}

/* --- the walker --- */

static void test_walk_pages(void **state)
{
    paddr_t root = new_table();
    const uint64_t offset = 0x8080604000;

    (void)state;
    put_leaf(root, offset, 3, 0x50003000, CAP_READ | CAP_WRITE);
    struct pt_walk w = pt_walk(root, offset + 0x123, p2v);
    assert_int_equal(w.found, PT_LEAF);
    assert_int_equal(w.level, 3);
    assert_int_equal(w.index, 4);
    assert_int_equal(w.table, RAM_BASE + 3 * PAGE_SIZE);
    assert_int_equal(w.offset, offset);
    assert_int_equal(w.bytes, PAGE_SIZE);
    assert_int_equal(w.address, 0x50003123);
    assert_int_equal(w.leaf.rights, CAP_READ | CAP_WRITE);
    assert_int_equal(w.pte, pt_leaf(3, 0x50003000, CAP_READ | CAP_WRITE, NORMAL));
}

static void test_walk_blocks(void **state)
{
    paddr_t root = new_table();

    (void)state;
    put_leaf(root, 0x40000000, 1, 0x80000000, CAP_READ);
    put_leaf(root, 0x80200000, 2, 0xc0400000, CAP_READ | CAP_EXECUTE);
    struct pt_walk w = pt_walk(root, 0x40000000 + 0x3fffffff, p2v);
    assert_true(w.found == PT_LEAF && w.level == 1 && w.bytes == 1 << 30 && w.address == 0xbfffffff);
    w = pt_walk(root, 0x80200000 + 0x1ffff, p2v);
    assert_true(w.found == PT_LEAF && w.level == 2 && w.bytes == 2 << 20 && w.address == 0xc041ffff);
}

static void test_walk_holes(void **state)
{
    paddr_t root = new_table();

    (void)state;
    put_leaf(root, 0x1000, 3, 0x50003000, CAP_READ);
    struct pt_walk w = pt_walk(root, 0x2fff, p2v);
    assert_true(w.found == PT_HOLE && w.level == 3 && w.offset == 0x2000 && w.bytes == PAGE_SIZE);
    w = pt_walk(root, 0x200000, p2v);
    assert_true(w.found == PT_HOLE && w.level == 2 && w.bytes == 2 << 20);
    w = pt_walk(root, PT_SPAN - 1, p2v);
    assert_true(w.found == PT_HOLE && w.level == 0 && w.index == 511 &&
                w.offset == PT_SPAN - pt_entry_bytes(0));
    assert_int_equal(pt_walk(root, PT_SPAN, p2v).found, PT_OUTSIDE);
    assert_int_equal(pt_walk(root, UINT64_MAX, p2v).found, PT_OUTSIDE);
}

static void test_walk_malformed(void **state)
{
    paddr_t root = new_table();
    pte_t *table = p2v(root);

    (void)state;
    table[0] = pt_table(0x1000); /* outside RAM */
    table[1] = 1;                /* a block of 512 GiB */
    table[2] = pt_table(root) | (pte_t)1 << 61;
    for (unsigned i = 0; i < 3; i++) {
        struct pt_walk w = pt_walk(root, i * pt_entry_bytes(0) + 5, p2v);
        assert_true(w.found == PT_MALFORMED && w.level == 0 && w.index == i && w.table == root);
        assert_int_equal(w.pte, table[i]);
    }
    struct pt_walk w = pt_walk(0, 0, p2v); /* no root at all */
    assert_true(w.found == PT_MALFORMED && w.level == 0 && w.pte == 0);
}

/* A table that links itself is walked at most four levels deep. */
static void test_walk_cycle(void **state)
{
    paddr_t root = new_table();
    pte_t *table = p2v(root);

    (void)state;
    table[0] = pt_table(root);
    struct pt_walk w = pt_walk(root, 0, p2v);
    assert_true(w.found == PT_MALFORMED && w.level == 3 && w.table == root);
}

/* --- iteration --- */

static void expect_next(struct pt_cursor *c, uint64_t offset, uint64_t bytes, paddr_t address)
{
    struct pt_walk w;

    assert_true(pt_next(c, &w));
    assert_int_equal(w.found, PT_LEAF);
    assert_int_equal(w.offset, offset);
    assert_int_equal(w.bytes, bytes);
    assert_int_equal(w.address, address);
}

static void expect_run(struct pt_cursor *c, uint64_t offset, uint64_t bytes, paddr_t address)
{
    struct pt_walk w;

    assert_true(pt_next_run(c, &w));
    assert_int_equal(w.found, PT_LEAF);
    assert_int_equal(w.offset, offset);
    assert_int_equal(w.bytes, bytes);
    assert_int_equal(w.address, address);
}

static void test_iterate(void **state)
{
    paddr_t root = new_table();
    struct pt_walk w;

    (void)state;
    put_leaf(root, 0x1000, 3, 0x50000000, CAP_READ);
    put_leaf(root, 0x3000, 3, 0x50008000, CAP_READ);
    put_leaf(root, 0x400000, 2, 0x60000000, CAP_READ);
    put_leaf(root, PT_SPAN - PAGE_SIZE, 3, 0x50009000, CAP_READ);
    struct pt_cursor c = pt_cursor(root, 0, UINT64_MAX, p2v);
    expect_next(&c, 0x1000, PAGE_SIZE, 0x50000000);
    expect_next(&c, 0x3000, PAGE_SIZE, 0x50008000);
    expect_next(&c, 0x400000, 2 << 20, 0x60000000);
    expect_next(&c, PT_SPAN - PAGE_SIZE, PAGE_SIZE, 0x50009000);
    assert_false(pt_next(&c, &w));
    assert_int_equal(w.found, PT_OUTSIDE);
    assert_false(pt_next(&c, &w));
}

static void test_iterate_clips(void **state)
{
    paddr_t root = new_table();
    struct pt_walk w;

    (void)state;
    put_leaf(root, 0x40000000, 1, 0x80000000, CAP_READ);
    struct pt_cursor c = pt_cursor(root, 0x40001800, 0x40005000, p2v);
    expect_next(&c, 0x40001800, 0x3800, 0x80001800);
    assert_false(pt_next(&c, &w));
    c = pt_cursor(root, 0x40001000, 0x40001000, p2v); /* empty */
    assert_false(pt_next(&c, &w));
    c = pt_cursor(root, 0x40002000, 0x40001000, p2v); /* backwards */
    assert_false(pt_next_run(&c, &w));
    c = pt_cursor(root, UINT64_MAX, UINT64_MAX, p2v);
    assert_false(pt_next(&c, &w));
}

static void test_runs(void **state)
{
    paddr_t root = new_table();
    struct pt_walk w;

    (void)state;
    /* 4 KiB, then 2 MiB, then 4 KiB, all continuing each other over three tables */
    put_leaf(root, 0x1ff000, 3, 0x501ff000, CAP_READ);
    put_leaf(root, 0x200000, 2, 0x50200000, CAP_READ);
    put_leaf(root, 0x400000, 3, 0x50400000, CAP_READ);
    put_leaf(root, 0x401000, 3, 0x50401000, CAP_READ | CAP_WRITE); /* other rights */
    put_leaf(root, 0x402000, 3, 0x50403000, CAP_READ | CAP_WRITE); /* not the next page of memory */
    put_leaf(root, 0x404000, 3, 0x50405000, CAP_READ | CAP_WRITE); /* a hole before */
    table_for(root, 0x405000, 3)[pt_index(0x405000, 3)] =
        pt_leaf(3, 0x50406000, CAP_READ | CAP_WRITE, PT_MEMORY_DEVICE);
    table_for(root, 0x406000, 3)[pt_index(0x406000, 3)] =
        pt_kernel_leaf(3, 0x50407000, CAP_READ | CAP_WRITE, PT_MEMORY_DEVICE);
    struct pt_cursor c = pt_cursor(root, 0, PT_SPAN, p2v);
    expect_run(&c, 0x1ff000, 0x202000, 0x501ff000);
    expect_run(&c, 0x401000, PAGE_SIZE, 0x50401000);
    expect_run(&c, 0x402000, PAGE_SIZE, 0x50403000);
    expect_run(&c, 0x404000, PAGE_SIZE, 0x50405000);
    expect_run(&c, 0x405000, PAGE_SIZE, 0x50406000);
    expect_run(&c, 0x406000, PAGE_SIZE, 0x50407000);
    assert_false(pt_next_run(&c, &w));
    c = pt_cursor(root, 0x1ff800, 0x300000, p2v);
    expect_run(&c, 0x1ff800, 0x100800, 0x501ff800);
    assert_false(pt_next_run(&c, &w));
}

static void test_iterate_malformed(void **state)
{
    paddr_t root = new_table();
    struct pt_walk w;

    (void)state;
    put_leaf(root, 0x1000, 3, 0x50000000, CAP_READ);
    table_for(root, 0x2000, 3)[2] = 1;
    put_leaf(root, 0x3000, 3, 0x50002000, CAP_READ);
    struct pt_cursor c = pt_cursor(root, 0, 0x4000, p2v);
    expect_run(&c, 0x1000, PAGE_SIZE, 0x50000000);
    assert_true(pt_next_run(&c, &w));
    assert_true(w.found == PT_MALFORMED && w.offset == 0x2000 && w.bytes == PAGE_SIZE);
    expect_run(&c, 0x3000, PAGE_SIZE, 0x50002000);
    assert_false(pt_next_run(&c, &w));
}

/* --- against a flat model --- */

#define MODEL_PAGES (3u * PT_ENTRIES) /* three level-3 tables' worth */

struct model_page {
    bool mapped;
    paddr_t address;
    unsigned rights;
};

static const unsigned model_rights[] = {0, CAP_READ, CAP_READ | CAP_WRITE, CAP_READ | CAP_EXECUTE,
                                        CAP_EXECUTE};

/* Random pages and 2 MiB blocks, in tables and in the model. */
static void fill_model(paddr_t root, struct model_page *model, uint64_t *seed)
{
    for (unsigned table = 0; table < MODEL_PAGES / PT_ENTRIES; table++) {
        bool block = random_below(seed, 3) == 0;
        unsigned rights = model_rights[random_below(seed, ARRAY_LENGTH(model_rights))];
        uint64_t base = (uint64_t)table << 21;
        if (block) {
            put_leaf(root, base, 2, 0x80000000 + base, rights);
        }
        for (unsigned i = 0; i < PT_ENTRIES; i++) {
            struct model_page *page = &model[table * PT_ENTRIES + i];
            uint64_t shift = random_below(seed, 16) == 0 ? 1 << 30 : 0;
            if (!block && random_below(seed, 8) == 0) {
                rights = model_rights[random_below(seed, ARRAY_LENGTH(model_rights))];
            }
            *page = (struct model_page){block || random_below(seed, 4) != 0,
                                        0x80000000 + base + i * PAGE_SIZE + (block ? 0 : shift), rights};
            if (!block && page->mapped) {
                put_leaf(root, base + i * PAGE_SIZE, 3, page->address, rights);
            }
        }
    }
}

/* Runs cover exactly the mapped pages, and two neighbouring runs could not have been one. */
static void compare_runs(paddr_t root, const struct model_page *model, uint64_t first, uint64_t end)
{
    struct pt_cursor c = pt_cursor(root, first * PAGE_SIZE, end * PAGE_SIZE, p2v);
    struct pt_walk w, before = {.found = PT_HOLE};
    uint64_t page = first;

    while (pt_next_run(&c, &w)) {
        for (; page < w.offset / PAGE_SIZE; page++) {
            assert_false(model[page].mapped);
        }
        assert_false(before.found == PT_LEAF && before.offset + before.bytes == w.offset &&
                     before.address + before.bytes == w.address && before.leaf.rights == w.leaf.rights);
        for (uint64_t i = 0; i < w.bytes / PAGE_SIZE; i++, page++) {
            assert_true(model[page].mapped && model[page].rights == w.leaf.rights);
            assert_int_equal(model[page].address, w.address + i * PAGE_SIZE);
        }
        before = w;
    }
    for (; page < end; page++) {
        assert_false(model[page].mapped);
    }
}

static void test_against_model(void **state)
{
    static struct model_page model[MODEL_PAGES];
    uint64_t seed = 0x77616c6b;

    for (unsigned round = 0; round < 50; round++) {
        clear_ram(state);
        paddr_t root = new_table();
        fill_model(root, model, &seed);
        for (unsigned i = 0; i < 20; i++) {
            uint64_t first = random_below(&seed, MODEL_PAGES);
            compare_runs(root, model, first, first + random_below(&seed, MODEL_PAGES - first + 1));
        }
        compare_runs(root, model, 0, MODEL_PAGES);
    }
}

/* Tables full of random words, links into RAM among them: the walker ends, inside the tables, describing
 * itself. */
static void test_random_tables(void **state)
{
    uint64_t seed = 0x74626c73;

    (void)state;
    for (unsigned t = 0; t < TABLES; t++) {
        for (unsigned i = 0; i < PT_ENTRIES; i++) {
            uint64_t kind = random_below(&seed, 3);
            ram[t][i] = kind == 0   ? random_next(&seed)
                        : kind == 1 ? pt_table(RAM_BASE + PAGE_SIZE * random_below(&seed, TABLES + 4))
                                    : pt_leaf(3, PAGE_SIZE * random_below(&seed, 1 << 20), CAP_READ, NORMAL);
        }
    }
    for (unsigned i = 0; i < 100000; i++) {
        uint64_t offset = random_next(&seed) >> 15;
        struct pt_walk w = pt_walk(RAM_BASE, offset, p2v);
        if (offset >= PT_SPAN) {
            assert_int_equal(w.found, PT_OUTSIDE);
            continue;
        }
        assert_true(w.level < PT_LEVELS && w.index == pt_index(offset, w.level));
        assert_true(offset >= w.offset && offset - w.offset < w.bytes);
        assert_int_equal(((pte_t *)p2v(w.table))[w.index], w.pte);
        assert_true(w.found != PT_LEAF || w.address == w.leaf.address + (offset - w.offset));
    }
}

#define WALK_TEST(name, function)                                                                            \
    {                                                                                                        \
        (name), (function), clear_ram, NULL, NULL                                                            \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("PT-GEOMETRY-001 levels split an offset in nine bits each", test_geometry),
        TEST("PT-ENCODE-001 descriptors have the architecture's bits", test_bits),
        TEST("PT-ENCODE-002 every possible combination is decoded as it was encoded", test_round_trip),
        TEST("PT-ENCODE-003 each refusal has its error and detail", test_refusals),
        TEST("PT-DECODE-001 invalid, table, leaf and malformed are told apart by level", test_kinds),
        TEST("PT-DECODE-002 the decoder accepts exactly what the encoder writes", test_decoder_is_exact),
        TEST("PT-DECODE-003 an access needs all its rights, and a program's page", test_allows),
        WALK_TEST("PT-WALK-001 a page is found with entry, address and rights", test_walk_pages),
        WALK_TEST("PT-WALK-002 blocks of 2 MiB and 1 GiB are found", test_walk_blocks),
        WALK_TEST("PT-WALK-003 a hole is as large as the entry that is missing", test_walk_holes),
        WALK_TEST("PT-WALK-004 links outside RAM and foreign bits are malformed", test_walk_malformed),
        WALK_TEST("PT-WALK-005 a table that links itself ends the walk at the last level", test_walk_cycle),
        WALK_TEST("PT-WALK-006 tables of random words are walked safely", test_random_tables),
        WALK_TEST("PT-NEXT-001 leaves come in order, to the last page of the address space", test_iterate),
        WALK_TEST("PT-NEXT-002 a leaf is cut to the range, empty ranges have none", test_iterate_clips),
        WALK_TEST("PT-NEXT-003 a malformed entry is reported and passed", test_iterate_malformed),
        WALK_TEST("PT-RUN-001 pages that continue each other come as one run", test_runs),
        WALK_TEST("PT-RUN-002 runs equal a flat model, and are as long as they can be", test_against_model),
    };
    return cmocka_run_group_tests_name("page_table", tests, NULL, NULL);
}
