/* SPDX-License-Identifier: MIT */
#include <mudskipper/hal/context.h>
#include <mudskipper/pure/bytes.h>
#include "fp.h"

#define PSTATE_FLAGS                                                                                         \
    UINT64_C(0xf0000000) /* N Z C V; all else zero: EL0, AArch64, nothing masked, no single step */
#define FPCR_MASK UINT32_C(0x07c00000) /* half-precision form, default NaN, flush to zero, rounding mode */
#define FPSR_MASK UINT32_C(0xf800009f) /* N Z C V, saturation, cumulative exceptions */

/* General registers and the words after them, up to the vector state. */
#define GENERAL_BYTES offsetof(struct save_area, fpcr)
#define FP_BYTES      (sizeof(struct save_area) - GENERAL_BYTES)

void hal_context_init(struct hal_context *c, vaddr_t pc, vaddr_t sp, uint64_t argument)
{
    mem_set(c, 0, sizeof(*c));
    hal_context_enter(c, pc, sp, argument);
}

void hal_context_enter(struct hal_context *c, vaddr_t pc, vaddr_t sp, uint64_t argument)
{
    mem_set(&c->regs, 0, GENERAL_BYTES);
    c->regs.x[0] = argument;
    c->regs.pc = pc;
    c->regs.sp = sp;
}

void hal_context_save(struct hal_context *c, struct save_area *to)
{
    struct aarch64_core *core = this_aarch64_core();

    if (core->fp_owner == c) { /* straight to its place; the processor's copy stays the valid one */
        mem_copy(to, &c->regs, GENERAL_BYTES);
        fp_store(to);
    } else {
        mem_copy(to, &c->regs, sizeof(*to));
    }
}

void hal_context_load(struct hal_context *c, const struct save_area *from)
{
    struct aarch64_core *core = this_aarch64_core();

    mem_copy(&c->regs, from, sizeof(c->regs));
    c->regs.pstate &= PSTATE_FLAGS;
    c->regs.fpcr &= FPCR_MASK;
    c->regs.fpsr &= FPSR_MASK;
    if (core->fp_owner == c) {
        fp_drop(core);
    }
}

vaddr_t hal_gate(void)
{
    return 0; /* svc */
}

void hal_context_forget(struct hal_context *c)
{
    struct aarch64_core *core = this_aarch64_core();

    if (core->fp_owner == c) {
        fp_drop(core);
    }
    if (core->context == c) {
        core->context = NULL;
    }
}
