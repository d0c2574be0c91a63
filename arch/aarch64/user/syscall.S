/* SPDX-License-Identifier: MIT */
    .section .text.rt_syscall, "ax"

/* void rt_syscall(uint64_t args[14]): argument i is register xi, results come back the same way. The kernel
 * preserves everything else. */
    .global rt_syscall
    .type rt_syscall, %function
rt_syscall:
    mov x16, x0
    ldp x0, x1, [x16, #0]
    ldp x2, x3, [x16, #16]
    ldp x4, x5, [x16, #32]
    ldp x6, x7, [x16, #48]
    ldp x8, x9, [x16, #64]
    ldp x10, x11, [x16, #80]
    ldp x12, x13, [x16, #96]
    svc #0
    stp x0, x1, [x16, #0]
    stp x2, x3, [x16, #16]
    stp x4, x5, [x16, #32]
    stp x6, x7, [x16, #48]
    stp x8, x9, [x16, #64]
    stp x10, x11, [x16, #80]
    stp x12, x13, [x16, #96]
    ret
