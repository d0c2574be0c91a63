/* SPDX-License-Identifier: MIT */
/* GIC version 3 and later (Arm IHI 0069), affinity routing on. */
#include "gic.h"
#include "../kernel/core.h"
#include "../kernel/sysreg.h"
#include "../../../platform/common/mmio.h"

#define CTLR_RWP (1u << 31) /* a write is still on its way */

/* Right in both views: non-secure EnableGrp1, EnableGrp1A, ARE_NS; single-state EnableGrp0, EnableGrp1, ARE.
 */
#define CTLR_ON (1u << 4 | 1u << 1 | 1u << 0)

#define GICR_CTLR       0x0000u
#define GICR_TYPER      0x0008u
#define GICR_WAKER      0x0014u
#define GICR_PRIVATE    0x10000u /* second page: same offsets as the distributor's for lines 0 .. 31 */
#define GICR_FRAME      0x20000u
#define GICR_FRAME_V4   0x40000u
#define GICR_CTLR_RWP   (1u << 3)
#define TYPER_VLPIS     (UINT64_C(1) << 1)
#define TYPER_LAST      (UINT64_C(1) << 4)
#define WAKER_SLEEP     (1u << 1)
#define WAKER_IS_ASLEEP (1u << 2)

#define ICC_PMR_EL1     S3_0_C4_C6_0
#define ICC_IAR1_EL1    S3_0_C12_C12_0
#define ICC_EOIR1_EL1   S3_0_C12_C12_1
#define ICC_BPR1_EL1    S3_0_C12_C12_3
#define ICC_CTLR_EL1    S3_0_C12_C12_4
#define ICC_SRE_EL1     S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define ICC_SGI1R_EL1   S3_0_C12_C11_5

/* Expands the name before it becomes text. */
#define icc_read(name)         sysreg_read(name)
#define icc_write(name, value) sysreg_write(name, value)

static const struct gic_region *regions;
static unsigned region_count;
static uint64_t frame_stride;

static void wait_distributor(void)
{
    while (mmio_read32(gic_distributor + GICD_CTLR) & CTLR_RWP) {
        continue;
    }
}

static uint64_t stride_of(uint64_t typer)
{
    if (frame_stride != 0) {
        return frame_stride;
    }
    return typer & TYPER_VLPIS ? GICR_FRAME_V4 : GICR_FRAME;
}

/* This core's frame: each says which core it is for. 0: none. Frames beyond the last need not be there at
 * all. */
static uintptr_t find_redistributor(uint64_t mpidr)
{
    uint32_t affinity = (uint32_t)((mpidr & 0xffffff) | (mpidr >> 8 & 0xff000000));

    for (unsigned i = 0; i < region_count; i++) {
        uintptr_t frame = regions[i].base;
        uintptr_t end = frame + regions[i].bytes;
        uint64_t typer = 0;

        for (; frame + GICR_FRAME <= end && !(typer & TYPER_LAST); frame += stride_of(typer)) {
            typer = mmio_read64(frame + GICR_TYPER);
            if (typer >> 32 == affinity) {
                return frame;
            }
        }
    }
    return 0;
}

static void setup_private_lines(uintptr_t frame)
{
    uintptr_t lines = frame + GICR_PRIVATE;

    mmio_write32(lines + GICD_ICENABLER, UINT32_MAX);
    mmio_write32(lines + GICD_ICACTIVER, UINT32_MAX);
    mmio_write32(lines + GICD_IGROUPR, UINT32_MAX);
    for (uint32_t first = 0; first < GIC_PRIVATE; first += 4) {
        mmio_write32(lines + GICD_IPRIORITYR + first, GIC_PRIORITIES_MIDDLE);
    }
    while (mmio_read32(frame + GICR_CTLR) & GICR_CTLR_RWP) {
        continue;
    }
    mmio_write32(lines + GICD_ISENABLER, 1u << GIC_WAKE | 1u << gic_timer_line);
}

static bool setup_core(struct aarch64_core *core)
{
    core->redistributor = find_redistributor(core->mpidr);
    if (core->redistributor == 0) {
        return false;
    }
    icc_write(ICC_SRE_EL1, icc_read(ICC_SRE_EL1) | 1);
    barrier_isb();
    if (!(icc_read(ICC_SRE_EL1) & 1)) {
        return false; /* whoever ran before us keeps the system registers to himself */
    }
    mmio_write32(core->redistributor + GICR_WAKER,
                 mmio_read32(core->redistributor + GICR_WAKER) & ~WAKER_SLEEP);
    while (mmio_read32(core->redistributor + GICR_WAKER) & WAKER_IS_ASLEEP) {
        continue;
    }
    setup_private_lines(core->redistributor);
    icc_write(ICC_PMR_EL1, GIC_PRIORITY_ALL);
    icc_write(ICC_BPR1_EL1, 0);
    icc_write(ICC_CTLR_EL1, 0); /* finishing also deactivates */
    icc_write(ICC_IGRPEN1_EL1, 1);
    barrier_isb();
    return true;
}

static void stop_core(void)
{
    struct aarch64_core *core = this_aarch64_core();

    icc_write(ICC_IGRPEN1_EL1, 0);
    barrier_isb();
    mmio_write32(core->redistributor + GICR_PRIVATE + GICD_ICENABLER, UINT32_MAX);
    mmio_write32(core->redistributor + GICR_WAKER,
                 mmio_read32(core->redistributor + GICR_WAKER) | WAKER_SLEEP);
    while (!(mmio_read32(core->redistributor + GICR_WAKER) & WAKER_IS_ASLEEP)) {
        continue;
    }
}

static uint32_t take(void)
{
    uint32_t taken = (uint32_t)icc_read(ICC_IAR1_EL1);

    barrier_dsb(sy); /* Cache rule C8: taken before anything that follows from it */
    return taken;
}

static void finish(uint32_t taken)
{
    icc_write(ICC_EOIR1_EL1, taken);
    barrier_isb();
}

static void mask(uint32_t line)
{
    mmio_write32(gic_distributor + GICD_ICENABLER + line / 32 * 4, 1u << line % 32);
    wait_distributor();
}

static void unmask(uint32_t line, const struct aarch64_core *core)
{
    mmio_write64(gic_distributor + GICD_IROUTER + line * 8, core->mpidr);
    mmio_write32(gic_distributor + GICD_ISENABLER + line / 32 * 4, 1u << line % 32);
}

/* ICC_SGI1R_EL1: affinities 3, 2, 1 as they are; of affinity 0 the upper half selects a range of 16, the
 * lower a bit. */
static void wake(const struct aarch64_core *core)
{
    uint64_t aff0 = core->mpidr & 0xff, aff1 = core->mpidr >> 8 & 0xff, aff2 = core->mpidr >> 16 & 0xff,
             aff3 = core->mpidr >> 32 & 0xff;

    icc_write(ICC_SGI1R_EL1, aff3 << 48 | (aff0 >> 4) << 44 | aff2 << 32 | (uint64_t)GIC_WAKE << 24 |
                                 aff1 << 16 | UINT64_C(1) << (aff0 & 15));
    barrier_isb();
}

static const struct gic_operations operations = {setup_core, stop_core, take, finish, mask, unmask, wake};

void gicv3_init(uintptr_t distributor, const struct gic_region *first, unsigned count, uint64_t stride,
                uint32_t timer_line)
{
    gic = &operations;
    gic_distributor = distributor;
    gic_timer_line = timer_line;
    regions = first;
    region_count = count;
    frame_stride = stride;
    mmio_write32(distributor + GICD_CTLR, 0);
    wait_distributor();
    mmio_write32(distributor + GICD_CTLR, 1u << 4); /* affinity routing before any line is set up */
    wait_distributor();
    gic_reset_lines(UINT32_MAX);
    wait_distributor();
    mmio_write32(distributor + GICD_CTLR, CTLR_ON);
    wait_distributor();
}
