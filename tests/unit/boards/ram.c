/* SPDX-License-Identifier: MIT */
/* Which memory is what, and the boot information made from it. */
#include <stdio.h>
#include "build_tree.h"
#include "../../../arch/aarch64/boot/info.h"

#define LIMIT (1ull << 47)

static void begin_memory(void)
{
    cells("#address-cells", 1, 2);
    cells("#size-cells", 1, 2);
}

static void bank(uint64_t base, uint64_t bytes)
{
    char name[40];

    snprintf(name, sizeof(name), "memory@%llx", (unsigned long long)base);
    node(name);
    text("device_type", "memory");
    pair("reg", base, bytes);
    end();
}

static void begin_reserved(void)
{
    node("reserved-memory");
    begin_memory();
    flag("ranges");
}

static void reserved(const char *name, uint64_t base, uint64_t bytes, bool no_map)
{
    node(name);
    pair("reg", base, bytes);
    if (no_map) {
        flag("no-map");
    }
    end();
}

static void expect_piece(const struct ram *ram, paddr_t *at, uint64_t base, uint64_t end, enum ram_kind kind)
{
    struct ram_range piece;

    assert_true(ram_next(ram, at, false, &piece));
    assert_int_equal(piece.base, base);
    assert_int_equal(piece.base + piece.bytes, end);
    assert_int_equal(piece.kind, kind);
}

/* Two banks, one above 4 GiB; a memory reservation, a reserved and a no-map region, image, tree and archive.
 */
static void test_board(void **state)
{
    struct ram ram = {.limit = LIMIT};
    struct ram_range piece;
    paddr_t at = 0, place;
    void *fdt;

    (void)state;
    tree_begin();
    reserve(0x84000000, 0x1001);
    node("");
    begin_memory();
    bank(0x880000000, 0x40000000);
    bank(0x80200000, 0x3fe00000);
    begin_reserved();
    reserved("cma", 0x90000000, 0x100000, false);
    reserved("dsp@92400000", 0x92400000, 0x2000000, true);
    node("dynamic");
    pair("size", 0, 0x1000000);
    end();
    end();
    end();
    fdt = tree_end();

    ram.fdt = fdt;
    ram.own[RAM_OWN_IMAGE] = (struct ram_range){0x80200000, 0x39000, RAM_KERNEL};
    ram.own[RAM_OWN_TREE] = (struct ram_range){0x83000008, 0x2000, RAM_RESERVED};
    ram.own[RAM_OWN_ARCHIVE] = (struct ram_range){0x84000800, 0x2000, RAM_ARCHIVE};
    expect_piece(&ram, &at, 0x80200000, 0x80239000, RAM_KERNEL);
    expect_piece(&ram, &at, 0x80239000, 0x83000000, RAM_FREE);
    expect_piece(&ram, &at, 0x83000000, 0x83003000, RAM_RESERVED);
    expect_piece(&ram, &at, 0x83003000, 0x84000000, RAM_FREE);
    expect_piece(&ram, &at, 0x84000000, 0x84003000, RAM_ARCHIVE); /* before the reservation */
    expect_piece(&ram, &at, 0x84003000, 0x90000000, RAM_FREE);
    expect_piece(&ram, &at, 0x90000000, 0x90100000, RAM_RESERVED);
    expect_piece(&ram, &at, 0x90100000, 0x92400000, RAM_FREE);
    expect_piece(&ram, &at, 0x94400000, 0xc0000000, RAM_FREE);
    expect_piece(&ram, &at, 0x880000000, 0x8c0000000, RAM_FREE);
    assert_false(ram_next(&ram, &at, false, &piece));

    at = 0; /* mapped: without a look at kinds, never the no-map region */
    assert_true(ram_next(&ram, &at, true, &piece));
    assert_int_equal(piece.base, 0x80200000);
    assert_int_equal(piece.base + piece.bytes, 0x92400000);
    assert_true(ram_next(&ram, &at, true, &piece));
    assert_int_equal(piece.base, 0x94400000);
    assert_true(ram_next(&ram, &at, true, &piece));
    assert_int_equal(piece.base, 0x880000000);
    assert_false(ram_next(&ram, &at, true, &piece));

    assert_true(ram_find(&ram, 0x200000, 0x200000, &place));
    assert_int_equal(place, 0x80400000);
    assert_true(ram_find(&ram, 0x10000000, 0x200000, &place));
    assert_int_equal(place, 0x94400000);
    assert_true(ram_find(&ram, 0x40000000, 0x200000, &place));
    assert_int_equal(place, 0x880000000);
    assert_false(ram_find(&ram, 0x40000001, 0x1000, &place));
    assert_true(ram_is(&ram, 0x84000800, 0x2000, RAM_ARCHIVE));
    assert_false(ram_is(&ram, 0x84000800, 0x2801, RAM_ARCHIVE));
    assert_false(ram_is(&ram, 0x10000000, 1, RAM_FREE));
    free(fdt);
}

static void test_edges(void **state)
{
    struct ram ram = {.limit = LIMIT};
    struct ram_range piece;
    paddr_t at = 0;
    void *fdt;

    (void)state;
    tree_begin();
    reserve(0xfffffffffffff000, 0x1000);
    reserve(0x7000, 0);
    node("");
    begin_memory();
    bank(0x1800, 0x4000);         /* whole pages only: 2 .. 4 */
    bank(0x10000, 0xfff);         /* less than a page */
    bank(LIMIT - 0x1000, 0x3000); /* beyond what can be used */
    bank(0xfffffffffffe0000, 0xffff);
    bank(0x20000, 0);
    bank(0x3000, 0x2000); /* said twice */
    end();
    fdt = tree_end();
    ram.fdt = fdt;
    expect_piece(&ram, &at, 0x2000, 0x5000, RAM_FREE);
    expect_piece(&ram, &at, LIMIT - 0x1000, LIMIT, RAM_FREE);
    assert_false(ram_next(&ram, &at, false, &piece));
    free(fdt);
}

#define PAGES 96u

/* Random banks and claims against one byte per page. */
static void test_random(void **state)
{
    uint64_t seed = 47;

    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        enum ram_kind oracle[PAGES] = {RAM_NONE}, seen[PAGES] = {RAM_NONE}, claims[PAGES] = {RAM_NONE};
        struct ram ram = {.limit = PAGES * PAGE_SIZE};
        struct ram_range piece;
        uint64_t banks = random_below(&seed, 4), regions = random_below(&seed, 5);
        paddr_t at = 0, last_end = 0;
        void *fdt;

        tree_begin();
        node("");
        begin_memory();
        for (uint64_t i = 0; i < banks; i++) {
            uint64_t base = random_below(&seed, PAGES), pages = random_below(&seed, PAGES - base + 1);
            char name[32];

            snprintf(name, sizeof(name), "memory@%llu", (unsigned long long)i);
            node(name);
            text("device_type", "memory");
            pair("reg", base * PAGE_SIZE, pages * PAGE_SIZE);
            end();
            for (uint64_t p = base; p < base + pages; p++) {
                oracle[p] = RAM_FREE;
            }
        }
        begin_reserved();
        for (uint64_t i = 0; i < regions; i++) {
            uint64_t base = random_below(&seed, PAGES), pages = 1 + random_below(&seed, PAGES - base);
            bool no_map = random_below(&seed, 2);
            enum ram_kind kind = no_map ? RAM_NO_MAP : RAM_RESERVED;
            char name[32];

            snprintf(name, sizeof(name), "r%llu", (unsigned long long)i);
            reserved(name, base * PAGE_SIZE + 1, pages * PAGE_SIZE - 1, no_map);
            for (uint64_t p = base; p < base + pages; p++) {
                claims[p] = kind > claims[p] ? kind : claims[p];
            }
        }
        end();
        end();
        fdt = tree_end();
        ram.fdt = fdt;
        for (unsigned i = 0; i < RAM_OWN_COUNT; i++) {
            uint64_t base = random_below(&seed, PAGES), pages = random_below(&seed, PAGES - base + 1);

            ram.own[i] = (struct ram_range){base * PAGE_SIZE, pages * PAGE_SIZE, RAM_RESERVED + i % 3};
            for (uint64_t p = base; p < base + pages; p++) {
                claims[p] = ram.own[i].kind > claims[p] ? ram.own[i].kind : claims[p];
            }
        }
        for (unsigned p = 0; p < PAGES; p++) {
            oracle[p] = oracle[p] != RAM_NONE && claims[p] != RAM_NONE ? claims[p] : oracle[p];
            oracle[p] = oracle[p] == RAM_NO_MAP ? RAM_NONE : oracle[p]; /* never shown */
        }
        while (ram_next(&ram, &at, false, &piece)) {
            assert_true(piece.base >= last_end && piece.bytes > 0);
            last_end = piece.base + piece.bytes;
            for (uint64_t p = piece.base / PAGE_SIZE; p < last_end / PAGE_SIZE; p++) {
                seen[p] = piece.kind;
            }
        }
        assert_memory_equal(seen, oracle, sizeof(seen));
        free(fdt);
    }
}

static void test_info(void **state)
{
    void *fdt = tree_of_virt();
    static uint64_t place[1024];
    char *bytes = (char *)place;
    const struct boot_info *info = (const struct boot_info *)place;
    const struct boot_memory_range *memory;
    const struct boot_device *device;
    struct ram ram = {.fdt = fdt, .limit = LIMIT};
    struct info_source source = {.ram = &ram, .gic = at(fdt, "/intc@8000000"), .cores = 2};
    size_t size;

    (void)state;
    source.console = at(fdt, "/pl011@9000000");
    source.archive = 0x44000000;
    source.archive_bytes = 0x1234;
    ram.own[RAM_OWN_ARCHIVE] = (struct ram_range){0x44000000, 0x1234, RAM_ARCHIVE};
    size = info_make(&source, NULL, 0);
    memset(place, 0x5a, sizeof(place));
    assert_int_equal(info_make(&source, place, size), size);
    assert_int_equal((uint8_t)bytes[size], 0x5a);
    assert_int_equal(info->magic, BOOT_INFO_MAGIC);
    assert_int_equal(info->version, BOOT_INFO_VERSION);
    assert_int_equal(info->bytes, size);
    assert_int_equal(info->cores, 2);
    assert_int_equal(info->archive, 0x44000000);
    assert_int_equal(info->archive_bytes, 0x1234);
    assert_string_equal(bytes + info->world, "linux,dummy-virt");
    assert_string_equal(bytes + info->command_line, "verbose earlycon=pl011,0x9000000");

    memory = (const struct boot_memory_range *)(bytes + info->memory);
    assert_int_equal(info->memory_count, 5);
    assert_int_equal(memory[1].kind, BOOT_MEMORY_ARCHIVE);
    assert_int_equal(memory[1].bytes, 0x2000);
    assert_int_equal(memory[3].kind, BOOT_MEMORY_RESERVED);
    assert_int_equal(memory[3].base, 0x48000000);
    assert_int_equal(memory[4].base + memory[4].bytes, 0x60000000);

    device = (const struct boot_device *)(bytes + info->devices);
    assert_int_equal(info->device_count, 3);
    assert_memory_equal(bytes + device[0].compatible, "arm,pl011\0arm,primecell\0", 25);
    assert_int_equal(device[0].registers, 0x9000000);
    assert_int_equal(device[0].bytes, 0x1000);
    assert_int_equal(device[0].irq, 33);
    assert_int_equal(device[0].console, 1);
    assert_memory_equal(bytes + device[2].compatible, "virtio,mmio\0", 13);
    assert_int_equal(device[2].compatible, device[1].compatible);
    assert_int_equal(device[2].irq, 49);
    assert_int_equal(device[2].console, 0);
    free(fdt);
}

/* Names that are none end the list; neighbours share theirs only when all are the same. */
static void test_names(void **state)
{
    static const char *const names[] = {"a,uart\0b,uart", "a,uart", "a,uart", "a,uart\0\0c,uart"};
    static const unsigned bytes[] = {14, 7, 7, 15};
    static uint64_t place[256];
    const char *info = (const char *)place;
    const struct boot_device *device;
    struct ram ram = {.limit = LIMIT};
    struct info_source source = {.ram = &ram, .gic = -1, .console = -1, .cores = 1};
    char name[] = "uart@1000";
    void *fdt;

    (void)state;
    tree_begin();
    node("");
    cells("#address-cells", 1, 1);
    cells("#size-cells", 1, 1);
    for (unsigned i = 0; i < ARRAY_LENGTH(names); i++, name[5]++) {
        node(name);
        texts("compatible", names[i], bytes[i]);
        cells("reg", 2, 0x1000 * (i + 1), 0x100);
        end();
    }
    end();
    fdt = tree_end();
    ram.fdt = fdt;
    for (unsigned i = 0; i < ARRAY_LENGTH(names); i++) {
        name[5] = (char)('1' + i);
        source.console = at(fdt, (char[]){'/', 'u', 'a', 'r', 't', '@', name[5], '0', '0', '0', '\0'});
        assert_true(info_make(&source, place, sizeof(place)) <= sizeof(place));
        device = (const struct boot_device *)(info + ((const struct boot_info *)place)->devices);
        assert_int_equal(((const struct boot_info *)place)->device_count, 1);
        assert_int_equal(device[0].registers, 0x1000 * (i + 1));
        assert_string_equal(info + device[0].compatible, "a,uart");
        assert_string_equal(info + device[0].compatible + 7, i == 0 ? "b,uart" : "");
    }
    free(fdt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("RAM-BOARD-001 banks, reservations and our own pieces, above 4 GiB too", test_board),
        TEST("RAM-EDGE-001 only whole pages, only reachable ones, nothing wraps around", test_edges),
        TEST("RAM-RANDOM-001 2,000 random machines agree with one byte per page", test_random),
        TEST("RAM-INFO-001 the boot information says what the tree says, in the bytes it measured",
             test_info),
        TEST("RAM-INFO-002 a device has all its names, up to one that is none", test_names),
    };
    return cmocka_run_group_tests_name("ram", tests, NULL, NULL);
}
