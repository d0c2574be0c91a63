/* SPDX-License-Identifier: MIT */
/* The aarch64 port's, compiled for the host: processor state, floating-point control and status. */
#include "fuzz.h"
#include "save_area.h"
#include "save_area_aarch64_core.h"

#define CONDITION_FLAGS 0xf0000000u
#define FPCR_TRAPS      0x00009f00u /* exceptions that would trap */

struct aarch64_core fuzz_core;

void save_area_begin(void) {}

void fp_drop(struct aarch64_core *core)
{
    core->fp_owner = NULL;
}

void fp_store(struct save_area *to)
{
    (void)to;
    FUZZ_MUST(!"these contexts own no registers");
}

void save_area_check(const struct save_area *from, struct hal_context *c)
{
    for (unsigned i = 0; i < ARRAY_LENGTH(from->x); i++) {
        FUZZ_MUST(c->regs.x[i] == from->x[i]);
    }
    FUZZ_MUST(c->regs.sp == from->sp && c->regs.pc == from->pc && c->regs.tpidr == from->tpidr);
    FUZZ_MUST((c->regs.pstate & ~(uint64_t)CONDITION_FLAGS) == 0); /* EL0, AArch64, nothing masked */
    FUZZ_MUST(((c->regs.pstate ^ from->pstate) & CONDITION_FLAGS) == 0);
    FUZZ_MUST((c->regs.fpcr & FPCR_TRAPS) == 0 && (c->regs.fpcr & ~from->fpcr) == 0);
    FUZZ_MUST((c->regs.fpsr & ~from->fpsr) == 0);
    FUZZ_MUST(mem_equal(c->regs.q, from->q, sizeof(from->q)));
}
