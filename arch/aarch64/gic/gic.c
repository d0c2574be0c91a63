/* SPDX-License-Identifier: MIT */
#include "gic.h"
#include <mudskipper/hal/irq.h>
#include "../kernel/core.h"
#include "../kernel/sysreg.h"
#include "../../../platform/common/mmio.h"

const struct gic_operations *gic;
uint32_t gic_lines;
uintptr_t gic_distributor;
uint32_t gic_timer_line;

void gic_reset_lines(uint32_t groups)
{
    uint32_t lines = 32 * ((mmio_read32(gic_distributor + GICD_TYPER) & 0x1f) + 1);

    gic_lines = lines < GIC_LINES_MAX ? lines : GIC_LINES_MAX;
    for (uint32_t first = GIC_PRIVATE; first < gic_lines; first += 32) {
        uintptr_t word = gic_distributor + first / 8;

        mmio_write32(word + GICD_ICENABLER, UINT32_MAX);
        mmio_write32(word + GICD_ICPENDR, UINT32_MAX);
        mmio_write32(word + GICD_ICACTIVER, UINT32_MAX);
        mmio_write32(word + GICD_IGROUPR, groups);
    }
    for (uint32_t first = GIC_PRIVATE; first < gic_lines; first += 16) {
        mmio_write32(gic_distributor + GICD_ICFGR + first / 4, 0);
    }
    for (uint32_t first = GIC_PRIVATE; first < gic_lines; first += 4) {
        mmio_write32(gic_distributor + GICD_IPRIORITYR + first, GIC_PRIORITIES_MIDDLE);
    }
}

void gic_set_edge(uint32_t line)
{
    uintptr_t word = gic_distributor + GICD_ICFGR + line / 16 * 4;

    if (line >= GIC_PRIVATE && line < gic_lines) {
        mmio_write32(word, mmio_read32(word) | 2u << line % 16 * 2);
    }
}

uint32_t hal_irq_lines(void)
{
    return gic_lines;
}

/* Private lines are the port's own: for them these do nothing. */
void hal_irq_unmask(uint32_t line)
{
    if (line >= GIC_PRIVATE && line < gic_lines) {
        gic->unmask(line, this_aarch64_core());
    }
}

void hal_irq_mask(uint32_t line)
{
    if (line >= GIC_PRIVATE && line < gic_lines) {
        gic->mask(line);
    }
}
