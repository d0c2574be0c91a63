/* SPDX-License-Identifier: MIT */
#include "fp.h"
#include "sysreg.h"

static void set_cpacr(struct aarch64_core *core, uint64_t value)
{
    core->cpacr = value;
    sysreg_write(cpacr_el1, value); /* programs see it after the next exception return */
}

void fp_take(struct aarch64_core *core)
{
    if (core->fp_owner != NULL) {
        fp_store(&core->fp_owner->regs);
    }
    fp_load(&core->context->regs);
    core->fp_owner = core->context;
    set_cpacr(core, CPACR_PROGRAMS_OPEN);
}

void fp_drop(struct aarch64_core *core)
{
    core->fp_owner = NULL;
    set_cpacr(core, CPACR_PROGRAMS_TRAP);
}
