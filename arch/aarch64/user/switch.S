/* SPDX-License-Identifier: MIT */
/* Voluntary switches between stacks of one process: what a C function call must preserve goes on the old
 * stack.
 *
 *   sp + 0x00  x29 x30   0x10  x19 x20 ... 0x50 x27 x28   0x60  d8 d9 ... 0x90 d14 d15   0xa0 */
    .arch_extension fp
    .section .text.rt_switch, "ax"

/* void rt_switch(uintptr_t *save, uintptr_t load) */
    .global rt_switch
    .type rt_switch, %function
rt_switch:
    stp x29, x30, [sp, #-0xa0]!
    stp x19, x20, [sp, #0x10]
    stp x21, x22, [sp, #0x20]
    stp x23, x24, [sp, #0x30]
    stp x25, x26, [sp, #0x40]
    stp x27, x28, [sp, #0x50]
    stp d8, d9, [sp, #0x60]
    stp d10, d11, [sp, #0x70]
    stp d12, d13, [sp, #0x80]
    stp d14, d15, [sp, #0x90]
    mov x2, sp
    str x2, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0x10]
    ldp x21, x22, [sp, #0x20]
    ldp x23, x24, [sp, #0x30]
    ldp x25, x26, [sp, #0x40]
    ldp x27, x28, [sp, #0x50]
    ldp d8, d9, [sp, #0x60]
    ldp d10, d11, [sp, #0x70]
    ldp d12, d13, [sp, #0x80]
    ldp d14, d15, [sp, #0x90]
    ldp x29, x30, [sp], #0xa0
    ret

/* Where a stack made by rt_switch_prepare (save_area.c) begins: x19 = entry, x20 = its argument. */
    .global rt_switch_begin
    .type rt_switch_begin, %function
rt_switch_begin:
    mov x0, x20
    mov x30, xzr
    br x19
