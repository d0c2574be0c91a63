/* SPDX-License-Identifier: MIT */
/* From one fibre of the deterministic machine to another (det.c). Both are C functions that called this: only what
 * such a call preserves matters, and all of C has the same control words.
 *
 *   void isa_fibre_switch(uintptr_t *sp_of_this (rdi), uintptr_t sp_of_the_other (rsi))
 *
 *       high  | where it goes on | <- first, for a fibre that has not run yet: its function
 *             | rbp              |
 *             | rbx, r12 .. r15  |
 *   sp, low   +------------------+
 */
#include <mudskipper/arch/preserved.inc>

    .text
    .globl isa_fibre_switch
    .type isa_fibre_switch, @function
    .balign 64
isa_fibre_switch:
    push_preserved
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop_preserved
    ret

/* uintptr_t isa_fibre_stack(uintptr_t high (rdi), void (*function)(void) (rsi)): the sp of a fibre that has not run yet.
 * The function finds its stack as if it had been called from nowhere: 8 below a 16-byte boundary, no frame above. */
    .globl isa_fibre_stack
    .type isa_fibre_stack, @function
isa_fibre_stack:
    lea -64(%rdi), %rax
    mov %rsi, 48(%rax)
    ret /* memory that is new holds zeros elsewhere */

    .section .note.GNU-stack, "", @progbits
