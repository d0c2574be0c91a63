/* SPDX-License-Identifier: MIT */
/* The generic interrupt controller, version 2 (memory-mapped CPU interface) or 3 (system registers).
 *
 *   line   0 .. 15   software-generated; GIC_WAKE is the only one used
 *         16 .. 31   private to each core: the timer's
 *         32 .. 1019 shared: devices. All start masked and lead nowhere.
 *
 * We may be the non-secure half of a controller with two security states, or the only user of one with a
 * single state: everything is written so that it is right in both views, and nothing is expected to read
 * back. */
#ifndef AARCH64_GIC_H
#define AARCH64_GIC_H

#include <mudskipper/abi/types.h>

struct aarch64_core;

#define GIC_WAKE      0u    /* the line of hal_ipi */
#define GIC_PRIVATE   32u   /* lines below are each core's own */
#define GIC_LINES_MAX 1020u /* above: "nothing pending" */

/* The line in what take() returned; the whole word goes back to finish(). */
#define GIC_LINE(taken) ((taken)&0x3ffu)

struct gic_operations {
    /* This core's interface: wake-up and timer lines on. False: the controller has no part for this core. */
    bool (*setup_core)(struct aarch64_core *core);
    void (*stop_core)(void);
    uint32_t (*take)(void);
    void (*finish)(uint32_t taken);
    /* A shared line. unmask delivers it to this core. */
    void (*mask)(uint32_t line);
    void (*unmask)(uint32_t line, const struct aarch64_core *core);
    void (*wake)(const struct aarch64_core *core);
};

extern const struct gic_operations *gic;

/* Shared by both versions. */
extern uint32_t gic_lines;        /* the first number that is no line */
extern uintptr_t gic_distributor; /* its registers */
extern uint32_t gic_timer_line;

/* Boot core, once. `distributor` and `cpu_interface` are mapped registers. */
void gicv2_init(uintptr_t distributor, uintptr_t cpu_interface, uint32_t timer_line);

/* A piece of the redistributors' registers: frames at `stride`, up to the one that says it is the last, or
 * `bytes`. */
struct gic_region {
    uintptr_t base;
    uint64_t bytes;
};

/* `regions` stays. stride 0: what the version implies. */
void gicv3_init(uintptr_t distributor, const struct gic_region *regions, unsigned count, uint64_t stride,
                uint32_t timer_line);

/* Before any other core runs: an edge-triggered line; the others are level-sensitive. */
void gic_set_edge(uint32_t line);

/* Shared lines: masked, not pending, level-sensitive, middle priority, in group `groups` (0 or all ones),
 * where we may say so. Version 2 uses group 0 when it is the only user, because one enable bit then means the
 * same in both views. */
void gic_reset_lines(uint32_t groups);

/* Distributor registers that both versions have. */

#define GICD_CTLR       0x000u
#define GICD_TYPER      0x004u
#define GICD_IGROUPR    0x080u
#define GICD_ISENABLER  0x100u
#define GICD_ICENABLER  0x180u
#define GICD_ICPENDR    0x280u
#define GICD_ICACTIVER  0x380u
#define GICD_IPRIORITYR 0x400u
#define GICD_ITARGETSR  0x800u
#define GICD_ICFGR      0xc00u
#define GICD_SGIR       0xf00u
#define GICD_IROUTER    0x6000u

#define GIC_PRIORITIES_MIDDLE 0xa0a0a0a0u /* one byte per line */
#define GIC_PRIORITY_ALL      0xf0u       /* let everything of a higher priority through */

#endif
