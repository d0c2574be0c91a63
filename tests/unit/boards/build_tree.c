/* SPDX-License-Identifier: MIT */
#include "build_tree.h"
#include "../../../arch/aarch64/boot/dt.h"
#include "../../../arch/aarch64/boot/info.h"

static char place[65536];

#define DO(call) assert_int_equal(call, 0)

void tree_begin(void)
{
    DO(fdt_create(place, sizeof(place)));
}

void reserve(uint64_t base, uint64_t bytes)
{
    DO(fdt_add_reservemap_entry(place, base, bytes));
}

void node(const char *name)
{
    if (name[0] == '\0') {
        DO(fdt_finish_reservemap(place));
    }
    DO(fdt_begin_node(place, name));
}

void end(void)
{
    DO(fdt_end_node(place));
}

void text(const char *name, const char *value)
{
    DO(fdt_property_string(place, name, value));
}

void texts(const char *name, const char *values, size_t bytes)
{
    DO(fdt_property(place, name, values, (int)bytes));
}

void flag(const char *name)
{
    DO(fdt_property(place, name, NULL, 0));
}

void cells(const char *name, unsigned count, ...)
{
    fdt32_t values[64];
    va_list args;

    assert_true(count <= 64);
    va_start(args, count);
    for (unsigned i = 0; i < count; i++) {
        values[i] = cpu_to_fdt32(va_arg(args, unsigned));
    }
    va_end(args);
    DO(fdt_property(place, name, values, (int)(count * sizeof(values[0]))));
}

void pair(const char *name, uint64_t a, uint64_t b)
{
    cells(name, 4, (unsigned)(a >> 32), (unsigned)a, (unsigned)(b >> 32), (unsigned)b);
}

void *tree_end(void)
{
    DO(fdt_finish(place));
    return exact_copy(place, fdt_totalsize(place));
}

int at(const void *fdt, const char *path)
{
    int found = fdt_path_offset(fdt, path);

    if (found < 0) {
        fail_msg("no node %s", path);
    }
    return found;
}

static void virt_cpus(void)
{
    node("cpus");
    cells("#address-cells", 1, 1);
    cells("#size-cells", 1, 0);
    for (unsigned i = 0; i < 2; i++) {
        node(i == 0 ? "cpu@0" : "cpu@1");
        text("device_type", "cpu");
        text("compatible", "arm,cortex-a53");
        text("enable-method", "psci");
        cells("reg", 1, i);
        end();
    }
    end();
}

static void virt_devices(void)
{
    node("pl011@9000000");
    texts("compatible", "arm,pl011\0arm,primecell", 24);
    pair("reg", 0x9000000, 0x1000);
    cells("interrupts", 3, 0, 1, 4);
    end();
    node("virtio_mmio@a000000");
    text("compatible", "virtio,mmio");
    pair("reg", 0xa000000, 0x200);
    cells("interrupts", 3, 0, 16, 1);
    end();
    node("virtio_mmio@a000200");
    text("compatible", "virtio,mmio");
    pair("reg", 0xa000200, 0x200);
    cells("interrupts", 3, 0, 17, 1);
    end();
    node("intc@8000000");
    text("compatible", "arm,gic-v3");
    cells("phandle", 1, 1);
    cells("#interrupt-cells", 1, 3);
    flag("interrupt-controller");
    cells("reg", 8, 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000);
    end();
    node("timer");
    texts("compatible", "arm,armv8-timer\0arm,armv7-timer", 32);
    cells("interrupts", 12, 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);
    end();
}

void *tree_of_virt(void)
{
    static char roomy[sizeof(place)];
    void *fdt;

    tree_begin();
    reserve(0x48000000, 0x100000);
    node("");
    text("compatible", "linux,dummy-virt");
    cells("#address-cells", 1, 2);
    cells("#size-cells", 1, 2);
    cells("interrupt-parent", 1, 1);
    node("psci");
    texts("compatible", "arm,psci-1.0\0arm,psci-0.2", 26);
    text("method", "hvc");
    end();
    node("memory@40000000");
    text("device_type", "memory");
    pair("reg", 0x40000000, 0x20000000);
    end();
    virt_devices();
    virt_cpus();
    node("chosen");
    text("bootargs", "verbose earlycon=pl011,0x9000000");
    text("stdout-path", "/pl011@9000000:115200n8");
    pair("linux,initrd-start", 0x44000000, 0); /* replaced below */
    end();
    end();
    fdt = tree_end();
    DO(fdt_open_into(fdt, roomy, sizeof(roomy)));
    free(fdt);
    DO(fdt_setprop_u32(roomy, at(roomy, "/chosen"), "linux,initrd-start", 0x44000000));
    DO(fdt_setprop_u64(roomy, at(roomy, "/chosen"), "linux,initrd-end", 0x44001234));
    return exact_copy(roomy, sizeof(roomy));
}

void ask_everything(const void *fdt)
{
    static uint64_t blob[4096];
    struct dt_gic gic;
    struct dt_timer timer;
    enum dt_psci method;
    struct ram ram = {.fdt = fdt, .limit = 1ull << 47};
    struct info_source source = {.ram = &ram, .console = dt_stdout(fdt), .cores = 1};
    uint64_t affinity;
    bool found;

    (void)dt_command_line(fdt);
    found = dt_archive(fdt, &source.archive, &source.archive_bytes);
    found = err_ok(dt_psci(fdt, &method)) || found;
    found = err_ok(dt_gic(fdt, &gic)) || found;
    found = err_ok(dt_timer(fdt, gic.node, &timer)) || found;
    (void)found;
    for (int n = dt_cpu(fdt, -1, &affinity), i = 0; n >= 0 && i < 100; n = dt_cpu(fdt, n, &affinity), i++) {
        (void)dt_cpu_has_psci(fdt, n);
    }
    source.gic = gic.node;
    if (err_ok(dt_check_all(fdt))) {
        (void)info_make(&source, blob, sizeof(blob));
    }
}
