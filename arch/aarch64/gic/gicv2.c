/* SPDX-License-Identifier: MIT */
/* GIC version 2 (Arm IHI 0048): at most 8 cores, each a bit of a byte. */
#include "gic.h"
#include "../kernel/core.h"
#include "../kernel/sysreg.h"
#include "../../../platform/common/mmio.h"

#define GICC_CTLR 0x00u
#define GICC_PMR  0x04u
#define GICC_BPR  0x08u
#define GICC_IAR  0x0cu
#define GICC_EOIR 0x10u

static uintptr_t cpu_interface;

/* The target registers of private lines read as the reading core's own bit. A controller for one core may
 * read 0. */
static uint8_t own_target(void)
{
    for (uint32_t first = 0; first < GIC_PRIVATE; first += 4) {
        uint32_t targets = mmio_read32(gic_distributor + GICD_ITARGETSR + first);

        targets |= targets >> 16;
        targets |= targets >> 8;
        if (targets & 0xff) {
            return (uint8_t)targets;
        }
    }
    return 1;
}

static bool setup_core(struct aarch64_core *core)
{
    core->gic_target = own_target();
    mmio_write32(gic_distributor + GICD_ICENABLER, UINT32_MAX);
    mmio_write32(gic_distributor + GICD_ICACTIVER, UINT32_MAX);
    mmio_write32(gic_distributor + GICD_IGROUPR, 0);
    for (uint32_t first = 0; first < GIC_PRIVATE; first += 4) {
        mmio_write32(gic_distributor + GICD_IPRIORITYR + first, GIC_PRIORITIES_MIDDLE);
    }
    mmio_write32(gic_distributor + GICD_ISENABLER, 1u << GIC_WAKE | 1u << gic_timer_line);
    mmio_write32(cpu_interface + GICC_PMR, GIC_PRIORITY_ALL);
    mmio_write32(cpu_interface + GICC_BPR, 0);
    mmio_write32(cpu_interface + GICC_CTLR, 1);
    return true;
}

static void stop_core(void)
{
    mmio_write32(gic_distributor + GICD_ICENABLER, UINT32_MAX);
    mmio_write32(cpu_interface + GICC_CTLR, 0);
}

static uint32_t take(void)
{
    return mmio_read32(cpu_interface + GICC_IAR);
}

static void finish(uint32_t taken)
{
    mmio_write32(cpu_interface + GICC_EOIR, taken);
}

static void mask(uint32_t line)
{
    mmio_write32(gic_distributor + GICD_ICENABLER + line / 32 * 4, 1u << line % 32);
    (void)mmio_read32(gic_distributor +
                      GICD_CTLR); /* the mask has arrived before the interrupt is finished */
}

static void unmask(uint32_t line, const struct aarch64_core *core)
{
    mmio_write8(gic_distributor + GICD_ITARGETSR + line, core->gic_target);
    mmio_write32(gic_distributor + GICD_ISENABLER + line / 32 * 4, 1u << line % 32);
}

static void wake(const struct aarch64_core *core)
{
    mmio_write32(gic_distributor + GICD_SGIR, (uint32_t)core->gic_target << 16 | GIC_WAKE);
}

static const struct gic_operations operations = {setup_core, stop_core, take, finish, mask, unmask, wake};

void gicv2_init(uintptr_t distributor, uintptr_t interface, uint32_t timer_line)
{
    uint8_t target;

    gic = &operations;
    gic_distributor = distributor;
    gic_timer_line = timer_line;
    cpu_interface = interface;
    target = own_target();
    mmio_write32(distributor + GICD_CTLR, 0);
    gic_reset_lines(0);
    /* Every line leads somewhere from the start: one that is raised while it leads nowhere may be forgotten
     * (QEMU does). */
    for (uint32_t line = GIC_PRIVATE; line < gic_lines; line++) {
        mmio_write8(distributor + GICD_ITARGETSR + line, target);
    }
    mmio_write32(distributor + GICD_CTLR, 1);
}
