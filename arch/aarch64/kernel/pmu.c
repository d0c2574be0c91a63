/* SPDX-License-Identifier: MIT */
#include "pmu.h"
#include "sysreg.h"

#define VERSION_NONE    0u
#define VERSION_FOREIGN 15u

#define PMCR_ENABLE       (1u << 0)
#define PMCR_RESET_CYCLES (1u << 2)
#define PMCR_LONG         (1u << 6)  /* 64 bits */
#define CYCLES            (1u << 31) /* in PMCNTENSET_EL0 */
#define USER_READS_CYCLES (1u << 2)  /* PMUSERENR_EL0.CR */

static bool for_programs;

void pmu_allow_programs(bool allow)
{
    for_programs = allow;
}

void pmu_setup(void)
{
    unsigned version = (unsigned)(sysreg_read(id_aa64dfr0_el1) >> 8) & 0xf;

    if (version == VERSION_NONE || version == VERSION_FOREIGN) {
        return;
    }
    if (!for_programs) {
        sysreg_write(pmuserenr_el0, 0);
        return;
    }
    sysreg_write(pmccfiltr_el0, 0); /* counts in the kernel and in programs */
    sysreg_write(pmcntenset_el0, CYCLES);
    sysreg_write(pmcr_el0, PMCR_ENABLE | PMCR_RESET_CYCLES | PMCR_LONG);
    sysreg_write(pmuserenr_el0, USER_READS_CYCLES);
}
