/* SPDX-License-Identifier: MIT */
/* Vector registers to and from a save area. EL1 may always touch them; the compiler's code never does. */
#include "asm.h"
#include "offsets.h"

    .arch_extension fp
    .arch_extension simd
    .text

/* void fp_store(struct save_area *to) */
GLOBAL(fp_store)
    mrs x1, fpcr
    mrs x2, fpsr
    add x0, x0, #REGS_Q
    stp w1, w2, [x0, #(REGS_FPCR - REGS_Q)]
    stp q0, q1, [x0, #0]
    stp q2, q3, [x0, #32]
    stp q4, q5, [x0, #64]
    stp q6, q7, [x0, #96]
    stp q8, q9, [x0, #128]
    stp q10, q11, [x0, #160]
    stp q12, q13, [x0, #192]
    stp q14, q15, [x0, #224]
    stp q16, q17, [x0, #256]
    stp q18, q19, [x0, #288]
    stp q20, q21, [x0, #320]
    stp q22, q23, [x0, #352]
    stp q24, q25, [x0, #384]
    stp q26, q27, [x0, #416]
    stp q28, q29, [x0, #448]
    stp q30, q31, [x0, #480]
    ret

/* void fp_load(const struct save_area *from) */
GLOBAL(fp_load)
    add x0, x0, #REGS_Q
    ldp w1, w2, [x0, #(REGS_FPCR - REGS_Q)]
    msr fpcr, x1
    msr fpsr, x2
    ldp q0, q1, [x0, #0]
    ldp q2, q3, [x0, #32]
    ldp q4, q5, [x0, #64]
    ldp q6, q7, [x0, #96]
    ldp q8, q9, [x0, #128]
    ldp q10, q11, [x0, #160]
    ldp q12, q13, [x0, #192]
    ldp q14, q15, [x0, #224]
    ldp q16, q17, [x0, #256]
    ldp q18, q19, [x0, #288]
    ldp q20, q21, [x0, #320]
    ldp q22, q23, [x0, #352]
    ldp q24, q25, [x0, #384]
    ldp q26, q27, [x0, #416]
    ldp q28, q29, [x0, #448]
    ldp q30, q31, [x0, #480]
    ret
