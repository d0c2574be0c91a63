/* SPDX-License-Identifier: MIT */
/* Both sides of a switch between stacks, with every register in use that a call must preserve. */
    .arch_extension fp
    .text

.macro all instruction, base
    \instruction x19, x20, [\base, #0]
    \instruction x21, x22, [\base, #16]
    \instruction x23, x24, [\base, #32]
    \instruction x25, x26, [\base, #48]
    \instruction x27, x28, [\base, #64]
    \instruction d8, d9, [\base, #80]
    \instruction d10, d11, [\base, #96]
    \instruction d12, d13, [\base, #112]
    \instruction d14, d15, [\base, #128]
.endm

/* void switch_probe(uint64_t values[18], uintptr_t *save, uintptr_t load): the values are in the registers during
 * rt_switch; what is there afterwards comes back. */
    .global switch_probe
    .type switch_probe, %function
switch_probe:
    stp x29, x30, [sp, #-176]!
    mov x29, sp
    str x0, [sp, #16]
    add x9, sp, #32
    all stp, x9
    all ldp, x0
    mov x0, x1
    mov x1, x2
    bl rt_switch
    ldr x0, [sp, #16]
    all stp, x0
    add x9, sp, #32
    all ldp, x9
    ldp x29, x30, [sp], #176
    ret

/* The other stack: struct {uint64_t values[18]; uintptr_t own, back; uint64_t turns} in x0. Overwrites all of them and goes
 * back, for ever. */
    .global switch_scramble
    .type switch_scramble, %function
switch_scramble:
    sub sp, sp, #16
    str x0, [sp]
1:  ldr x0, [sp]
    all ldp, x0
    ldr x1, [x0, #160]
    add x1, x1, #1
    str x1, [x0, #160]
    ldr x1, [x0, #152]
    add x0, x0, #144
    bl rt_switch
    b 1b

    .section .note.GNU-stack, "", %progbits
