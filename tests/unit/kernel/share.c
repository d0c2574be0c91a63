/* SPDX-License-Identifier: MIT */
/* The division of the machine: whatever the memory looks like, shares are equal, disjoint and everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "../../../core/kernel/share.h"

#define MIB ((uint64_t)1 << 20)

struct machine {
    struct boot_info info;
    struct boot_memory_range ranges[6];
    char command_line[32];
};

/* The kernel, the archive, odd edges, a hole, and a piece smaller than a page. */
static struct machine make(uint32_t cores, const char *command_line)
{
    struct machine m = {
        .info = {.magic = BOOT_INFO_MAGIC,
                 .cores = cores,
                 .memory_count = 6,
                 .memory = offsetof(struct machine, ranges),
                 .command_line = offsetof(struct machine, command_line)},
        .ranges = {{0x40000000, 0x201000, BOOT_MEMORY_KERNEL, 0},
                   {0x40201000, 0x100000, BOOT_MEMORY_ARCHIVE, 0},
                   {0x40301800, 5 * MIB, BOOT_MEMORY_FREE, 0},
                   {0x50000000, 100 * MIB + 123, BOOT_MEMORY_FREE, 0},
                   {0x58000100, 0x200, BOOT_MEMORY_FREE, 0},
                   {0x60000000, 17 * MIB, BOOT_MEMORY_FREE, 0}},
    };

    snprintf(m.command_line, sizeof(m.command_line), "%s", command_line);
    return m;
}

static uint64_t share_bytes(const struct share *s, coreid_t core)
{
    struct share_part part;
    uint64_t bytes = 0;

    for (uint32_t i = 0; share_part(s, core, i, &part); i++) {
        assert_int_equal(part.base & PAGE_MASK, 0);
        assert_int_equal(part.bytes & PAGE_MASK, 0);
        assert_int_not_equal(part.bytes, 0);
        bytes += part.bytes;
    }
    return bytes;
}

/* KERNEL-SHARE-001 */
static void equal_and_everything(void **state)
{
    const uint64_t free = 5 * MIB - PAGE_SIZE + 100 * MIB + 17 * MIB;

    (void)state;
    for (uint32_t cores = 1; cores <= 64; cores++) {
        struct machine m = make(cores, "");
        struct share s = share_of_machine(&m.info);
        uint64_t all = s.common_bytes;

        assert_int_equal(s.cores, cores);
        assert_int_equal(s.common_bytes, cores > 1 ? cores * cores * PAGE_SIZE : 0);
        for (coreid_t core = 0; core < cores; core++) {
            uint64_t bytes = share_bytes(&s, core);

            assert_in_range(bytes, s.pages / cores * PAGE_SIZE, (s.pages / cores + 1) * PAGE_SIZE);
            all += bytes;
        }
        assert_int_equal(all, free);
    }
}

/* KERNEL-SHARE-002 */
static void every_page_has_one_owner(void **state)
{
    (void)state;
    for (uint32_t cores = 1; cores <= 64; cores += 9) {
        struct machine m = make(cores, "");
        struct share s = share_of_machine(&m.info);
        struct share_part part;

        for (coreid_t core = 0; core < cores; core++) {
            for (uint32_t i = 0; share_part(&s, core, i, &part); i++) {
                assert_int_equal(share_owner(&s, part.base, part.bytes), core);
                assert_int_equal(share_owner(&s, part.base, PAGE_SIZE), core);
                assert_int_equal(share_owner(&s, part.base + part.bytes - PAGE_SIZE, PAGE_SIZE), core);
                assert_int_equal(share_owner(&s, part.base, part.bytes + PAGE_SIZE), SHARE_NOBODY);
                assert_int_equal(share_owner(&s, part.base - PAGE_SIZE, 2 * PAGE_SIZE), SHARE_NOBODY);
                assert_true(share_is_memory(&s, part.base, part.bytes));
            }
        }
    }
}

/* KERNEL-SHARE-003 */
static void what_is_no_share(void **state)
{
    struct machine m = make(4, "");
    struct share s = share_of_machine(&m.info);

    (void)state;
    assert_int_equal(share_owner(&s, 0x40000000, PAGE_SIZE), SHARE_NOBODY); /* the kernel's image */
    assert_int_equal(share_owner(&s, 0x40201000, 0x100000), 0);             /* the archive */
    assert_int_equal(share_owner(&s, s.common, s.common_bytes), SHARE_NOBODY);
    assert_int_equal(share_owner(&s, 0x58000000, PAGE_SIZE), SHARE_NOBODY); /* no whole page */
    assert_int_equal(share_owner(&s, 0x9000000, PAGE_SIZE), 0);             /* a device */
    assert_false(share_is_memory(&s, 0x9000000, PAGE_SIZE));
    assert_int_equal(share_owner(&s, 0, (uint64_t)1 << 48), SHARE_NOBODY);
    assert_true(share_largest(&s, 0).bytes >= PAGE_SIZE);
}

/* KERNEL-SHARE-004 */
static void one_program(void **state)
{
    struct machine m = make(4, "verbose init=test");
    struct share s = share_of_machine(&m.info);
    struct share_part largest;

    (void)state;
    assert_int_equal(s.cores, 1);
    assert_int_equal(s.common_bytes, 0);
    largest = share_largest(&s, 0);
    assert_int_equal(largest.base, 0x50000000);
    assert_int_equal(largest.bytes, 100 * MIB);
    assert_int_equal(share_owner(&s, 0x60000000, 17 * MIB), 0);
}

/* KERNEL-SHARE-005 */
static void too_little(void **state)
{
    struct machine m = make(64, "");
    struct share s;

    (void)state;
    m.info.memory_count = 3; /* 5 MiB, and the rings alone take 16 */
    s = share_of_machine(&m.info);
    assert_int_equal(s.common_bytes, 0);
    m.info.memory_count = 2; /* none at all */
    s = share_of_machine(&m.info);
    assert_int_equal(s.pages, 0);
    assert_int_equal(share_largest(&s, 0).bytes, 0);
    assert_int_equal(share_owner(&s, 0x50000000, PAGE_SIZE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"KERNEL-SHARE-001 shares are equal but for a page, and all there is", equal_and_everything, NULL,
         NULL, NULL},
        {"KERNEL-SHARE-002 every page has one owner, and what reaches further has none",
         every_page_has_one_owner, NULL, NULL, NULL},
        {"KERNEL-SHARE-003 images, rings and broken pages are nobody's, archive and devices core 0's",
         what_is_no_share, NULL, NULL, NULL},
        {"KERNEL-SHARE-004 with init= the boot core has everything", one_program, NULL, NULL, NULL},
        {"KERNEL-SHARE-005 too little memory is no share, and no crash", too_little, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("kernel: shares", tests, NULL, NULL);
}
