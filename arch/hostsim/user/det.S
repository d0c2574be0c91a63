/* SPDX-License-Identifier: MIT */
/* What programs of a deterministic machine call in every basic block: one less to run (kernel/det.h). At the end
 * of the budget, or when the block's own count ends, an instruction that no processor has takes the core back:
 * debuggers keep breakpoints for themselves. The caller expects a function of C: %rax and %r11 are free. */
#include <mudskipper/arch/det.h>

#ifndef DET_IN_SECTION /* whoever includes this has chosen one */
    .text
#endif
    .globl __sanitizer_cov_trace_pc
    .hidden __sanitizer_cov_trace_pc
    .type __sanitizer_cov_trace_pc, @function
__sanitizer_cov_trace_pc:
    movabs $DET_PAGE, %r11
    decq (%r11)
    js 1f
    movzwl (%rsp), %eax
    decw DET_PLACES - DET_PAGE(%r11,%rax,2)
    jz 2f
    ret
2:  movq $1, DET_PLACE_CAME(%r11)
1:  ud2 /* DET_TRAP_BYTES */
    ret

    .section .note.GNU-stack, "", @progbits
