/* SPDX-License-Identifier: MIT */
/* What the tree says about one machine: command line, console, archive, GIC, timer, firmware, processors. */
#include "dt.h"
#include <libfdt.h>

static int chosen(const void *fdt)
{
    return fdt_path_offset(fdt, "/chosen");
}

const char *dt_command_line(const void *fdt)
{
    const char *line = dt_string(fdt, chosen(fdt), "bootargs");

    return line != NULL ? line : "";
}

/* "/path:options" or "alias:options"; libfdt resolves aliases. */
int dt_stdout(const void *fdt)
{
    const char *path = dt_string(fdt, chosen(fdt), "stdout-path"), *colon;

    if (path == NULL) {
        path = dt_string(fdt, chosen(fdt), "linux,stdout-path");
    }
    if (path == NULL) {
        return -1;
    }
    colon = str_find(path, ':');
    return fdt_path_offset_namelen(fdt, path, colon != NULL ? (int)(colon - path) : (int)str_length(path));
}

bool dt_archive(const void *fdt, paddr_t *start, paddr_t *end)
{
    return dt_number(fdt, chosen(fdt), "linux,initrd-start", start) &&
           dt_number(fdt, chosen(fdt), "linux,initrd-end", end) && *start < *end;
}

err_t dt_gic(const void *fdt, struct dt_gic *gic)
{
    static const char *const v3[] = {"arm,gic-v3", NULL};
    static const char *const v2[] = {"arm,cortex-a15-gic", "arm,gic-400",    "arm,cortex-a7-gic",
                                     "arm,cortex-a9-gic",  "arm,eb11mp-gic", NULL};
    uint64_t number;

    *gic = (struct dt_gic){.node = dt_compatible(fdt, -1, v3), .version = 3, .regions = 1};
    if (gic->node >= 0) {
        gic->regions = dt_number(fdt, gic->node, "#redistributor-regions", &number) ? (unsigned)number : 1;
        gic->stride = dt_number(fdt, gic->node, "redistributor-stride", &number) ? number : 0;
        return OK;
    }
    gic->version = 2;
    gic->node = dt_compatible(fdt, -1, v2);
    return gic->node >= 0 ? OK : err_make(ERR_DT_NO_GIC, 0);
}

/* Entries: secure physical, non-secure physical, virtual, hypervisor's. */
err_t dt_timer(const void *fdt, int gic, struct dt_timer *timer)
{
    static const char *const names[] = {"arm,armv8-timer", "arm,armv7-timer", NULL};
    int node = dt_compatible(fdt, -1, names);
    struct dt_interrupt interrupt;

    if (!dt_interrupt(fdt, node, 2, gic, &interrupt) || !interrupt.private) {
        return err_make(ERR_DT_NO_TIMER, 0);
    }
    timer->line = interrupt.line;
    if (!dt_number(fdt, node, "clock-frequency", &timer->frequency)) {
        timer->frequency = 0;
    }
    return OK;
}

err_t dt_psci(const void *fdt, enum dt_psci *method)
{
    static const char *const names[] = {"arm,psci-1.0", "arm,psci-0.2", NULL};
    const char *value = dt_string(fdt, dt_compatible(fdt, -1, names), "method");

    if (value == NULL || !(str_equal(value, "hvc") || str_equal(value, "smc"))) {
        return err_make(ERR_DT_NO_PSCI, 0);
    }
    *method = str_equal(value, "hvc") ? DT_PSCI_HVC : DT_PSCI_SMC;
    return OK;
}

static bool is_cpu(const void *fdt, int node)
{
    const char *type = dt_string(fdt, node, "device_type");

    return type != NULL && str_equal(type, "cpu") && dt_enabled(fdt, node);
}

int dt_cpu(const void *fdt, int node, uint64_t *affinity)
{
    int cpus = fdt_path_offset(fdt, "/cpus");

    if (cpus < 0) {
        return -1;
    }
    node = node < 0 ? fdt_first_subnode(fdt, cpus) : fdt_next_subnode(fdt, node);
    for (; node >= 0; node = fdt_next_subnode(fdt, node)) {
        if (is_cpu(fdt, node) && dt_number(fdt, node, "reg", affinity)) {
            return node;
        }
    }
    return -1;
}

bool dt_cpu_has_psci(const void *fdt, int node)
{
    const char *method = dt_string(fdt, node, "enable-method");

    return method != NULL && str_equal(method, "psci");
}
