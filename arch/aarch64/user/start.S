/* SPDX-License-Identifier: MIT */
/* The kernel starts a program like a C function: x0 = start block, sp = top of its stack. Relocations are
 * done. */
    .section .text._start, "ax"
    .global _start
    .type _start, %function
_start:
    mov x29, xzr
    mov x30, xzr
    b rt_start
