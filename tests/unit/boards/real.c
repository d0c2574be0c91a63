/* SPDX-License-Identifier: MIT */
/* The device trees of real boards, with what U-Boot adds: memory, command line, archive. They lie in the
 * cache, where tools/fetch-trees puts them; without them these tests are skipped. For the Colibri iMX8X this
 * is as far as its tree can be tried: no emulator has the machine. */
#include <stdio.h>
#include "build_tree.h"
#include "../../../arch/aarch64/boot/dt.h"
#include "../../../arch/aarch64/boot/info.h"

#define MORE    4096u /* bytes that are added to a tree */
#define CHANGED 400u  /* changed copies of each */
#define LIMIT   (1ull << 47)

/* Where a board's U-Boot says its memory is. */
struct bank {
    uint64_t base, bytes;
};

static const struct board {
    const char *name; /* of the tree */
    const char *model;
    struct bank banks[2];
    uint64_t uart, distributor, redistributors;
    uint32_t uart_line;
    const char *uart_name;
    unsigned cpus, watchdogs, no_map;
} known[] = {
    {"imx8qxp-colibri-eval-v3",
     "toradex,colibri-imx8x-eval-v3",
     {{0x80200000, 0x7fe00000}},
     0x5a090000,
     0x51a00000,
     0x51b00000,
     260,
     "fsl,imx8qxp-lpuart",
     4,
     0,
     5},
    {"imx8mp-verdin-wifi-dev",
     "toradex,verdin-imx8mp-wifi-dev",
     {{0x40000000, 0xc0000000}, {0x100000000, 0x140000000}},
     0x30880000,
     0x38800000,
     0x38880000,
     60,
     "fsl,imx8mp-uart",
     4,
     1,
     1},
    {"imx8mp-verdin-nonwifi-dahlia",
     "toradex,verdin-imx8mp-nonwifi-dahlia",
     {{0x40000000, 0x80000000}},
     0x30880000,
     0x38800000,
     0x38880000,
     60,
     "fsl,imx8mp-uart",
     4,
     1,
     1},
    {"imx8mp-evk",
     "fsl,imx8mp-evk",
     {{0x40000000, 0xc0000000}, {0x100000000, 0xc0000000}},
     0x30890000,
     0x38800000,
     0x38880000,
     59,
     "fsl,imx8mp-uart",
     4,
     1,
     1},
};

#define FOR_EACH_BOARD(board)                                                                                \
    for (const struct board *board = known; board < known + ARRAY_LENGTH(known); board++)

/* With room for more; NULL: it is not there. */
static void *load(const struct board *board)
{
    const char *cache = getenv("MUDSKIPPER_CACHE");
    char path[4096];
    size_t bytes;
    void *file, *tree;
    FILE *f;

    snprintf(path, sizeof(path), "%s/trees/%s.dtb", cache != NULL ? cache : BUILD_DEPS, board->name);
    f = fopen(path, "rb");
    if (f == NULL) {
        return NULL;
    }
    file = malloc(1 << 20);
    bytes = fread(file, 1, 1 << 20, f);
    fclose(f);
    assert_ok(dt_check_header(file, bytes));
    tree = malloc(bytes + MORE);
    assert_int_equal(fdt_open_into(file, tree, (int)(bytes + MORE)), 0);
    free(file);
    return tree;
}

static void set_pair(void *fdt, int node, const char *name, uint64_t a, uint64_t b)
{
    assert_int_equal(fdt_appendprop_u64(fdt, node, name, a), 0);
    assert_int_equal(fdt_appendprop_u64(fdt, node, name, b), 0);
}

/* As U-Boot's fixups leave it. */
static void fix_up(void *fdt, const struct board *board)
{
    int memory = fdt_path_offset(fdt, "/memory@40000000"), chosen;
    uint64_t archive = board->banks[0].base + board->banks[0].bytes - 0x2000000;

    if (memory >= 0) {
        assert_int_equal(fdt_del_node(fdt, memory), 0);
    }
    memory = fdt_add_subnode(fdt, 0, "memory");
    assert_true(memory >= 0);
    assert_int_equal(fdt_setprop_string(fdt, memory, "device_type", "memory"), 0);
    for (unsigned i = 0; i < 2 && board->banks[i].bytes > 0; i++) {
        set_pair(fdt, memory, "reg", board->banks[i].base, board->banks[i].bytes);
    }
    assert_int_equal(fdt_add_mem_rsv(fdt, archive, 0x1000000), 0);
    chosen = fdt_path_offset(fdt, "/chosen");
    assert_int_equal(fdt_setprop_string(fdt, chosen, "bootargs", "verbose"), 0);
    assert_int_equal(fdt_setprop_u64(fdt, chosen, "linux,initrd-start", archive), 0);
    assert_int_equal(fdt_setprop_u64(fdt, chosen, "linux,initrd-end", archive + 0x1000000), 0);
}

static unsigned count_cpus(const void *fdt)
{
    unsigned count = 0;
    uint64_t affinity;

    for (int n = dt_cpu(fdt, -1, &affinity); n >= 0; n = dt_cpu(fdt, n, &affinity)) {
        assert_true(dt_cpu_has_psci(fdt, n));
        assert_int_equal(affinity, count);
        count++;
    }
    return count;
}

static unsigned count_watchdogs(const void *fdt)
{
    static const char *const names[] = {"fsl,imx21-wdt", NULL};
    unsigned count = 0;

    for (int n = dt_compatible(fdt, -1, names); n >= 0; n = dt_compatible(fdt, n, names)) {
        count++;
    }
    return count;
}

static void look_at_machine(const void *fdt, const struct board *board)
{
    struct dt_gic gic;
    struct dt_timer timer;
    enum dt_psci method;
    paddr_t address;
    uint64_t bytes;

    assert_ok(dt_check_all(fdt));
    assert_true(fdt_node_check_compatible(fdt, 0, board->model) == 0);
    assert_true(dt_registers(fdt, dt_stdout(fdt), 0, &address, &bytes));
    assert_int_equal(address, board->uart);
    assert_ok(dt_gic(fdt, &gic));
    assert_int_equal(gic.version, 3);
    assert_true(dt_registers(fdt, gic.node, 0, &address, &bytes));
    assert_int_equal(address, board->distributor);
    assert_true(dt_registers(fdt, gic.node, 1, &address, &bytes));
    assert_int_equal(address, board->redistributors);
    assert_ok(dt_timer(fdt, gic.node, &timer));
    assert_int_equal(timer.line, 27);
    assert_ok(dt_psci(fdt, &method));
    assert_int_equal(method, DT_PSCI_SMC);
    assert_int_equal(count_cpus(fdt), board->cpus);
    assert_int_equal(count_watchdogs(fdt), board->watchdogs);
}

/* All banks, less what nobody may map. */
static void look_at_memory(const void *fdt, const struct board *board, const struct ram *ram)
{
    uint64_t banks = 0, found = 0, hidden = 0;
    int reserved = fdt_path_offset(fdt, "/reserved-memory"), node;
    unsigned no_map = 0;
    struct ram_range piece;
    paddr_t at = 0;

    for (unsigned i = 0; i < 2; i++) {
        banks += board->banks[i].bytes;
    }
    fdt_for_each_subnode(node, fdt, reserved)
    {
        paddr_t base;
        uint64_t bytes;

        assert_true(dt_registers(fdt, node, 0, &base, &bytes));
        assert_non_null(fdt_getprop(fdt, node, "no-map", NULL));
        assert_false(ram_is(ram, base, bytes, RAM_FREE));
        hidden += bytes;
        no_map++;
    }
    assert_int_equal(no_map, board->no_map);
    while (ram_next(ram, &at, true, &piece)) {
        found += piece.bytes;
    }
    assert_int_equal(found, banks - hidden);
}

static void look_at_devices(const struct board *board, const struct info_source *source)
{
    size_t bytes = info_make(source, NULL, 0);
    struct boot_info *info = malloc(bytes);
    const struct boot_device *d;
    unsigned consoles = 0;

    assert_int_equal(info_make(source, info, bytes), bytes);
    d = (const struct boot_device *)((const char *)info + info->devices);
    for (uint32_t i = 0; i < info->device_count; i++) {
        consoles += d[i].console != 0;
        if (d[i].console) {
            assert_int_equal(d[i].registers, board->uart);
            assert_int_equal(d[i].irq, board->uart_line);
            assert_string_equal((const char *)info + d[i].compatible, board->uart_name);
        }
    }
    assert_int_equal(consoles, 1);
    assert_true(info->device_count > 20);
    free(info);
}

static void test_read(void **state)
{
    (void)state;
    FOR_EACH_BOARD(board)
    {
        void *fdt = load(board);
        struct ram ram = {.fdt = fdt, .limit = LIMIT};
        struct info_source source = {.ram = &ram, .cores = board->cpus};
        struct dt_gic gic;
        paddr_t end;

        assert_non_null(fdt);
        fix_up(fdt, board);
        look_at_machine(fdt, board);
        assert_ok(dt_gic(fdt, &gic));
        source.gic = gic.node;
        source.console = dt_stdout(fdt);
        assert_true(dt_archive(fdt, &source.archive, &end));
        source.archive_bytes = end - source.archive;
        ram.own[RAM_OWN_ARCHIVE] = (struct ram_range){source.archive, source.archive_bytes, RAM_ARCHIVE};
        assert_true(ram_is(&ram, source.archive, source.archive_bytes, RAM_ARCHIVE));
        look_at_memory(fdt, board, &ram);
        look_at_devices(board, &source);
        free(fdt);
    }
}

/* The trees of boards whose memory U-Boot has to add have none before. */
static void test_without_memory(void **state)
{
    (void)state;
    FOR_EACH_BOARD(board)
    {
        void *fdt = load(board);
        struct ram ram = {.fdt = fdt, .limit = LIMIT};
        struct ram_range piece;
        paddr_t at = 0;

        assert_non_null(fdt);
        assert_int_equal(ram_next(&ram, &at, true, &piece), strcmp(board->name, "imx8mp-evk") == 0);
        free(fdt);
    }
}

static void test_changed(void **state)
{
    uint64_t seed = 20261129;

    (void)state;
    FOR_EACH_BOARD(board)
    {
        void *fdt = load(board);
        size_t bytes;

        assert_non_null(fdt);
        fix_up(fdt, board);
        assert_int_equal(fdt_pack(fdt), 0);
        bytes = fdt_totalsize(fdt);
        for (unsigned i = 0; i < CHANGED; i++) {
            char *bad = exact_copy(fdt, bytes);

            for (uint64_t n = 1 + random_below(&seed, 8); n > 0; n--) {
                bad[random_below(&seed, bytes)] = (char)random_next(&seed);
            }
            if (err_ok(dt_check_header(bad, bytes))) {
                ask_everything(bad);
            }
            free(bad);
        }
        free(fdt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("DT-REAL-001 trees of Colibri, Verdin and EVK are read as their boards are", test_read),
        TEST("DT-REAL-002 without U-Boot only the EVK's has memory", test_without_memory),
        TEST("DT-REAL-003 1,600 changed trees of real boards are read safely", test_changed),
    };
    void *first = load(known);

    if (first == NULL) {
        printf("1..0 # SKIP the trees are not in the cache, where tools/fetch-trees puts them\n");
        return 0;
    }
    free(first);
    return cmocka_run_group_tests_name("real", tests, NULL, NULL);
}
