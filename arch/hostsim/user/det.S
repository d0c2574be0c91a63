/* SPDX-License-Identifier: MIT */
/* What programs of a deterministic machine call in every basic block: one less to run (kernel/det.h). At the end
 * of the budget an instruction that no processor has takes the core back: debuggers keep breakpoints for themselves. */
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
    ret
1:  ud2 /* DET_TRAP_BYTES */
    ret

    .section .note.GNU-stack, "", @progbits
