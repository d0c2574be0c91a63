/* SPDX-License-Identifier: MIT */
/* What the aarch64 port reads from device trees. */
#include "build_tree.h"
#include "../../../arch/aarch64/boot/dt.h"
#include "../../../arch/aarch64/boot/info.h"

static void test_virt(void **state)
{
    void *fdt = tree_of_virt();
    struct dt_gic gic;
    struct dt_timer timer;
    enum dt_psci method;
    paddr_t start, stop;

    (void)state;
    assert_ok(dt_check_header(fdt, fdt_totalsize(fdt)));
    assert_ok(dt_check_all(fdt));
    assert_string_equal(dt_command_line(fdt), "verbose earlycon=pl011,0x9000000");
    assert_int_equal(dt_stdout(fdt), at(fdt, "/pl011@9000000"));
    assert_ok(dt_gic(fdt, &gic));
    assert_int_equal(gic.node, at(fdt, "/intc@8000000"));
    assert_int_equal(gic.version, 3);
    assert_int_equal(gic.regions, 1);
    assert_ok(dt_timer(fdt, gic.node, &timer));
    assert_int_equal(timer.line, 27);
    assert_int_equal(timer.frequency, 0);
    assert_ok(dt_psci(fdt, &method));
    assert_int_equal(method, DT_PSCI_HVC);
    assert_true(dt_archive(fdt, &start, &stop)); /* one number of 32 bits, one of 64 */
    assert_int_equal(start, 0x44000000);
    assert_int_equal(stop, 0x44001234);
    free(fdt);
}

static void test_header(void **state)
{
    void *fdt = tree_of_virt();

    (void)state;
    assert_error(dt_check_header(fdt, fdt_totalsize(fdt) - 1), ERR_DT_MALFORMED, 0);
    assert_error(dt_check_header(fdt, 4), ERR_DT_MALFORMED, 0);
    fdt_set_magic(fdt, 0);
    assert_error(dt_check_header(fdt, fdt_totalsize(fdt)), ERR_DT_MISSING, 0);
    free(fdt);
}

static void test_malformed(void **state)
{
    void *fdt = tree_of_virt();
    int memory = at(fdt, "/memory@40000000");
    uint32_t tag = fdt_off_dt_struct(fdt) + (uint32_t)memory;

    (void)state;
    memset((char *)fdt + tag, 0x77, 4);
    assert_error(dt_check_all(fdt), ERR_DT_MALFORMED, tag);
    free(fdt);
}

static void test_missing_parts(void **state)
{
    void *fdt = tree_of_virt();
    struct dt_gic gic;
    struct dt_timer timer;
    enum dt_psci method;
    paddr_t start, stop;
    int chosen = at(fdt, "/chosen");

    (void)state;
    assert_int_equal(fdt_setprop_string(fdt, at(fdt, "/psci"), "method", "svc"), 0);
    assert_error(dt_psci(fdt, &method), ERR_DT_NO_PSCI, 0);
    assert_int_equal(fdt_setprop_string(fdt, at(fdt, "/psci"), "method", "smc"), 0);
    assert_ok(dt_psci(fdt, &method));
    assert_int_equal(method, DT_PSCI_SMC);
    assert_int_equal(fdt_setprop_string(fdt, at(fdt, "/psci"), "status", "disabled"), 0);
    assert_error(dt_psci(fdt, &method), ERR_DT_NO_PSCI, 0);

    chosen = at(fdt, "/chosen");
    assert_int_equal(fdt_setprop_u64(fdt, chosen, "linux,initrd-end", 0x44000000), 0);
    assert_false(dt_archive(fdt, &start, &stop)); /* empty */
    assert_int_equal(fdt_delprop(fdt, chosen, "linux,initrd-end"), 0);
    assert_false(dt_archive(fdt, &start, &stop));
    assert_int_equal(fdt_delprop(fdt, chosen, "bootargs"), 0);
    assert_string_equal(dt_command_line(fdt), "");
    assert_int_equal(fdt_setprop(fdt, chosen, "bootargs", "abc", 3), 0); /* not terminated */
    assert_string_equal(dt_command_line(fdt), "");
    assert_int_equal(fdt_delprop(fdt, chosen, "stdout-path"), 0);
    assert_true(dt_stdout(fdt) < 0);

    assert_ok(dt_gic(fdt, &gic));
    assert_int_equal(fdt_del_node(fdt, at(fdt, "/timer")), 0);
    assert_ok(dt_gic(fdt, &gic));
    assert_error(dt_timer(fdt, gic.node, &timer), ERR_DT_NO_TIMER, 0);
    assert_int_equal(fdt_del_node(fdt, at(fdt, "/intc@8000000")), 0);
    assert_error(dt_gic(fdt, &gic), ERR_DT_NO_GIC, 0);
    free(fdt);
}

/* root (2+2) / bus@a (1+1, shifted by ranges) / bus@b (1+1, identity) / device; bus@c has no ranges. */
static void *tree_of_buses(void)
{
    tree_begin();
    node("");
    cells("#address-cells", 1, 2);
    cells("#size-cells", 1, 2);
    node("bus@a");
    cells("#address-cells", 1, 1);
    cells("#size-cells", 1, 1);
    cells("ranges", 8, 0x1000, 1, 0x50000000, 0x1000, 0x8000, 2, 0x60000000, 0x1000);
    node("bus@b");
    cells("#address-cells", 1, 1);
    cells("#size-cells", 1, 1);
    flag("ranges");
    node("device@1800");
    cells("reg", 6, 0x1800, 0x100, 0x8004, 0x10, 0x9000, 0x10);
    end();
    end();
    end();
    node("bus@c");
    cells("#address-cells", 1, 1);
    cells("#size-cells", 1, 1);
    node("device@1");
    cells("reg", 2, 1, 1);
    end();
    end();
    node("pci");
    cells("#address-cells", 1, 3);
    cells("#size-cells", 1, 2);
    cells("ranges", 7, 0x2000000, 0, 0, 0, 0x10000000, 0, 0x1000);
    node("device@0");
    cells("reg", 5, 0x2000000, 0, 0x100, 0, 0x100);
    end();
    end();
    node("short");
    cells("reg", 3, 0, 1, 0);
    end();
    node("endless");
    pair("reg", ~0ull, 2);
    end();
    end();
    return tree_end();
}

static void test_registers(void **state)
{
    void *fdt = tree_of_buses();
    int device = at(fdt, "/bus@a/bus@b/device@1800");
    paddr_t address;
    uint64_t bytes;

    (void)state;
    assert_true(dt_registers(fdt, device, 0, &address, &bytes));
    assert_int_equal(address, 0x150000800);
    assert_int_equal(bytes, 0x100);
    assert_true(dt_registers(fdt, device, 1, &address, &bytes));
    assert_int_equal(address, 0x260000004);
    assert_false(dt_registers(fdt, device, 2, &address, &bytes)); /* in no range */
    assert_false(dt_registers(fdt, device, 3, &address, &bytes)); /* not there */
    assert_false(dt_registers(fdt, at(fdt, "/bus@c/device@1"), 0, &address, &bytes));
    assert_false(dt_registers(fdt, at(fdt, "/pci/device@0"), 0, &address, &bytes));
    assert_false(dt_registers(fdt, at(fdt, "/short"), 0, &address, &bytes));
    assert_false(dt_registers(fdt, at(fdt, "/endless"), 0, &address, &bytes));
    assert_false(dt_registers(fdt, at(fdt, "/bus@a"), 0, &address, &bytes)); /* no registers */
    assert_false(dt_registers(fdt, -1, 0, &address, &bytes));
    assert_false(dt_registers(fdt, 0, 0, &address, &bytes));
    free(fdt);
}

/* Deeper than a place keeps its ancestors: each bus adds 1 to its children's addresses. */
static void test_places(void **state)
{
    const int levels = 2 * DT_LEVELS;
    struct dt_place place = dt_start();
    int node_of_walk = -1, depth = -1, nodes = 0;
    paddr_t address;
    uint64_t bytes;
    void *fdt;

    (void)state;
    tree_begin();
    node("");
    for (int level = 1; level < levels; level++) {
        cells("#address-cells", 1, 1);
        cells("#size-cells", 1, 1);
        node("bus");
        cells("ranges", 3, 0x1000 + level, 0x1001 + level, 0x1000);
    }
    cells("reg", 2, 0x1800, 0x10);
    for (int level = 0; level < levels; level++) {
        end();
    }
    fdt = tree_end();
    while (dt_next(fdt, &place)) {
        node_of_walk = fdt_next_node(fdt, node_of_walk, &depth);
        assert_int_equal(place.node, node_of_walk);
        assert_int_equal(place.level, depth);
        assert_int_equal(dt_place_of(fdt, place.node).level, depth);
        nodes++;
    }
    assert_int_equal(nodes, levels);
    assert_int_equal(place.node, -1);
    assert_true(dt_registers(fdt, node_of_walk, 0, &address, &bytes));
    assert_int_equal(address, 0x1800 + levels - 2);
    assert_int_equal(dt_place_of(fdt, node_of_walk + 4).node, -1); /* no node begins there */
    assert_int_equal(dt_place_of(fdt, 1 << 20).node, -1);
    free(fdt);
}

static void *tree_of_interrupts(void)
{
    tree_begin();
    node("");
    cells("#address-cells", 1, 2);
    cells("#size-cells", 1, 2);
    cells("interrupt-parent", 1, 1);
    node("gic");
    cells("phandle", 1, 1);
    cells("#interrupt-cells", 1, 3);
    end();
    node("gpio");
    cells("phandle", 1, 2);
    cells("#interrupt-cells", 1, 2);
    node("inside"); /* its numbers are the GIC's all the same: the root says so */
    cells("interrupts", 3, 0, 5, 8);
    end();
    end();
    node("plain");
    cells("interrupts", 9, 0, 7, 4, 0, 8, 1, 1, 9, 4);
    end();
    node("other");
    cells("interrupt-parent", 1, 2);
    cells("interrupts", 2, 7, 4);
    end();
    node("extended");
    cells("interrupts", 3, 0, 99, 4); /* the other one counts */
    cells("interrupts-extended", 11, 2, 3, 1, 1, 0, 40, 4, 1, 0, 41, 2);
    end();
    node("bad");
    cells("interrupts", 9, 2, 1, 4, 0, 988, 4, 1, 16, 4);
    end();
    node("orphan");
    cells("interrupt-parent", 1, 77);
    cells("interrupts", 3, 0, 1, 4);
    end();
    end();
    return tree_end();
}

static void expect_interrupt(const void *fdt, const char *path, unsigned index, int line, bool private,
                             bool edge)
{
    struct dt_interrupt i;
    bool found = dt_interrupt(fdt, at(fdt, path), index, at(fdt, "/gic"), &i);

    assert_int_equal(found, line >= 0);
    if (found) {
        assert_int_equal(i.line, line);
        assert_int_equal(i.private, private);
        assert_int_equal(i.edge, edge);
    }
}

static void test_interrupts(void **state)
{
    void *fdt = tree_of_interrupts();

    (void)state;
    expect_interrupt(fdt, "/plain", 0, 39, false, false);
    expect_interrupt(fdt, "/plain", 1, 40, false, true);
    expect_interrupt(fdt, "/plain", 2, 25, true, false);
    expect_interrupt(fdt, "/plain", 3, -1, false, false);
    expect_interrupt(fdt, "/gpio/inside", 0, 37, false, false);
    expect_interrupt(fdt, "/other", 0, -1, false, false);
    expect_interrupt(fdt, "/extended", 0, -1, false, false);
    expect_interrupt(fdt, "/extended", 1, 72, false, false);
    expect_interrupt(fdt, "/extended", 2, 73, false, true);
    expect_interrupt(fdt, "/extended", 3, -1, false, false);
    for (unsigned i = 0; i < 3; i++) {
        expect_interrupt(fdt, "/bad", i, -1, false, false);
    }
    expect_interrupt(fdt, "/orphan", 0, -1, false, false);
    free(fdt);
}

/* As on i.MX 8X: the console by alias, registers on a bus, cores of which one is off. */
static void *tree_of_board(void)
{
    tree_begin();
    node("");
    text("compatible", "toradex,colibri-imx8x-eval-v3");
    cells("#address-cells", 1, 2);
    cells("#size-cells", 1, 2);
    node("aliases");
    text("serial3", "/bus@5a000000/serial@5a090000");
    end();
    node("chosen");
    text("stdout-path", "serial3:115200n8");
    end();
    node("cpus");
    cells("#address-cells", 1, 2);
    cells("#size-cells", 1, 0);
    for (unsigned i = 0; i < 3; i++) {
        node(i == 0 ? "cpu@0" : i == 1 ? "cpu@1" : "cpu@100");
        text("device_type", "cpu");
        cells("reg", 2, 0, i == 2 ? 0x100u : i);
        text("enable-method", i == 2 ? "spin-table" : "psci");
        if (i == 1) {
            text("status", "disabled");
        }
        end();
    }
    node("idle-states"); /* no processor */
    end();
    end();
    node("bus@5a000000");
    cells("#address-cells", 1, 1);
    cells("#size-cells", 1, 1);
    cells("ranges", 4, 0x5a000000, 0, 0x5a000000, 0x1000000);
    node("serial@5a060000");
    text("compatible", "fsl,imx8qxp-lpuart");
    cells("reg", 2, 0x5a060000, 0x1000);
    text("status", "disabled");
    end();
    node("serial@5a090000");
    text("compatible", "fsl,imx8qxp-lpuart");
    cells("reg", 2, 0x5a090000, 0x1000);
    text("status", "okay");
    end();
    end();
    end();
    return tree_end();
}

static void test_board(void **state)
{
    static const char *const names[] = {"fsl,imx7ulp-lpuart", "fsl,imx8qxp-lpuart", NULL};
    void *fdt = tree_of_board();
    int serial = at(fdt, "/bus@5a000000/serial@5a090000"), cpu;
    paddr_t address;
    uint64_t bytes, affinity;

    (void)state;
    assert_int_equal(dt_stdout(fdt), serial);
    assert_int_equal(dt_compatible(fdt, -1, names), serial); /* the disabled one is passed over */
    assert_true(dt_compatible(fdt, serial, names) < 0);
    assert_true(dt_registers(fdt, serial, 0, &address, &bytes));
    assert_int_equal(address, 0x5a090000);

    cpu = dt_cpu(fdt, -1, &affinity);
    assert_int_equal(affinity, 0);
    assert_true(dt_cpu_has_psci(fdt, cpu));
    cpu = dt_cpu(fdt, cpu, &affinity);
    assert_int_equal(affinity, 0x100);
    assert_false(dt_cpu_has_psci(fdt, cpu));
    assert_true(dt_cpu(fdt, cpu, &affinity) < 0);
    free(fdt);
}

static void test_hostile(void **state)
{
    void *good = tree_of_virt();
    size_t bytes;
    uint64_t seed = 20261122;

    (void)state;
    assert_int_equal(fdt_pack(good), 0);
    bytes = fdt_totalsize(good);
    for (unsigned i = 0; i < 20000; i++) {
        char *bad = exact_copy(good, bytes);

        for (uint64_t n = 1 + random_below(&seed, 4); n > 0; n--) {
            bad[random_below(&seed, bytes)] = (char)random_next(&seed);
        }
        if (err_ok(dt_check_header(bad, bytes))) {
            ask_everything(bad);
        }
        free(bad);
    }
    for (size_t cut = 0; cut < bytes; cut++) {
        char *bad = exact_copy(good, cut);

        if (cut >= 4) {
            assert_false(err_ok(dt_check_header(bad, cut)));
        }
        free(bad);
    }
    free(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("DT-VIRT-001 a machine like QEMU's virt is read whole", test_virt),
        TEST("DT-HEADER-001 what is no tree, or longer than its place, is refused", test_header),
        TEST("DT-CHECK-001 a broken tag is named by its offset", test_malformed),
        TEST("DT-PARTS-001 each missing part has its error", test_missing_parts),
        TEST("DT-REG-001 registers are translated through buses, or refused", test_registers),
        TEST("DT-PLACE-001 a walk knows what is above each node, however deep", test_places),
        TEST("DT-IRQ-001 interrupts of the GIC, private and shared, edges and levels", test_interrupts),
        TEST("DT-BOARD-001 aliases, disabled nodes and processors as on i.MX 8X", test_board),
        TEST("DT-HOSTILE-001 20,000 changed trees and all truncations are read safely", test_hostile),
    };
    return cmocka_run_group_tests_name("dt", tests, NULL, NULL);
}
