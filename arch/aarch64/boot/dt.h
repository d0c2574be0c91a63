/* SPDX-License-Identifier: MIT */
/* Reading the flattened device tree: what the port needs, on top of libfdt. Pure: works on a copy of the
 * tree, takes nothing from the machine, keeps no state, and survives any tree that dt_check_header let
 * through. Nodes are libfdt's offsets; a negative one means "no such node" to every function here. */
#ifndef AARCH64_BOOT_DT_H
#define AARCH64_BOOT_DT_H

#include <mudskipper/abi/error.h>
#include <mudskipper/abi/types.h>
#include <mudskipper/pure/bytes.h>

/* The header is one, and the tree fits `room` bytes: DT_MISSING, DT_MALFORMED. After it the functions below
 * are safe. */
err_t dt_check_header(const void *fdt, size_t room) MUST_USE;

/* Every tag, name and property: DT_MALFORMED with the offset. */
err_t dt_check_all(const void *fdt) MUST_USE;

/* The node's status says nothing or okay. */
bool dt_enabled(const void *fdt, int node);

/* The next enabled node after `node` (-1: from the start) that is compatible with one of `names` (NULL at the
 * end). */
int dt_compatible(const void *fdt, int node, const char *const *names);

/* A node and what stands above it. libfdt finds a parent by reading the tree from its start: whoever asks
 * about many nodes walks with this, or boards of some hundred nodes take seconds. */
#define DT_LEVELS 16 /* further down a parent is looked for as libfdt does */
struct dt_place {
    int node;             /* -1: before the first */
    int level;            /* the root has 0 */
    int above[DT_LEVELS]; /* by level, less than its own */
};

/* Before the root; dt_next goes on to the next node, and is false, and at the start again, behind the last.
 */
struct dt_place dt_start(void);
bool dt_next(const void *fdt, struct dt_place *place);

/* Of one node: reads the tree up to it. */
struct dt_place dt_place_of(const void *fdt, int node);

/* Entry `index` of the node's registers as the processors address them, through the buses' ranges. False: not
 * there, or not reachable by plain addresses. */
bool dt_registers(const void *fdt, int node, unsigned index, paddr_t *address, uint64_t *bytes);
bool dt_registers_at(const void *fdt, const struct dt_place *place, unsigned index, paddr_t *address,
                     uint64_t *bytes);

/* Entry `index` of the node's interrupts at the controller `gic`. `private` lines are each core's own. */
struct dt_interrupt {
    uint32_t line; /* the controller's number */
    bool private;
    bool edge;
};
bool dt_interrupt(const void *fdt, int node, unsigned index, int gic, struct dt_interrupt *interrupt);
bool dt_interrupt_at(const void *fdt, const struct dt_place *place, unsigned index, int gic,
                     struct dt_interrupt *interrupt);

/* A property of `cells` 32-bit words as a number; false when it is not there or longer than 64 bits. */
bool dt_number(const void *fdt, int node, const char *name, uint64_t *number);

/* A property that is a NUL-terminated string; NULL otherwise. */
const char *dt_string(const void *fdt, int node, const char *name);

/* The command line, "" when there is none. */
const char *dt_command_line(const void *fdt);

/* What /chosen says about the console: its node, by path or alias. */
int dt_stdout(const void *fdt);

/* The initial RAM disk: false when there is none. */
bool dt_archive(const void *fdt, paddr_t *start, paddr_t *end);

/* The interrupt controller of the processors. */
struct dt_gic {
    int node;
    unsigned version; /* 2, 3 */
    unsigned regions; /* 3: of redistributors, entries 1 .. regions of its registers */
    uint64_t stride;  /* 3: of redistributors, 0: as the version implies */
};
err_t dt_gic(const void *fdt, struct dt_gic *gic) MUST_USE; /* DT_NO_GIC */

struct dt_timer {
    uint32_t line;      /* of the virtual timer */
    uint64_t frequency; /* Hz, 0: the processor's own register says it */
};
err_t dt_timer(const void *fdt, int gic, struct dt_timer *timer) MUST_USE; /* DT_NO_TIMER */

enum dt_psci { DT_PSCI_HVC, DT_PSCI_SMC };
err_t dt_psci(const void *fdt, enum dt_psci *method) MUST_USE; /* DT_NO_PSCI */

/* Processors: the next one after `node` (-1: the first) that is enabled, and its affinity number. */
int dt_cpu(const void *fdt, int node, uint64_t *affinity);

/* The processor is started by PSCI. */
bool dt_cpu_has_psci(const void *fdt, int node);

#endif
