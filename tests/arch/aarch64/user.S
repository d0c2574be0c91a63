/* SPDX-License-Identifier: MIT */
/* Programs of the port's tests, the part that knows the processor. Offsets are those of struct user_data. */
    .arch_extension fp
    .arch_extension simd
    .section user_code, "ax", %progbits

#define COUNTER 0x20
#define NUMBER  0x38
#define ARGS    0x40
#define IN      0x100
#define OUT     0x700
#define TPIDR   (29 * 8)
#define VECTORS (30 * 8)

/* void user_syscall(uint64_t gate, uint64_t *args): all that is not an argument survives. */
    .global user_syscall
    .type user_syscall, %function
user_syscall:
    mov x16, x1
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

    .global user_illegal
    .type user_illegal, %function
user_illegal:
    udf #0

    .global user_breakpoint
    .type user_breakpoint, %function
user_breakpoint:
    brk #0
    udf #0

/* x29 = where v0 .. v31 are */
.macro vectors instruction
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \instruction q\i, [x29, #(\i * 16)]
    .endr
.endm

/* void user_hold(struct user_data *d). x30 keeps d, x29 counts. Words of d->in and d->out:
 *
 *   0 .. 28   x0 .. x28      29  TPIDR_EL0      30 .. 93  v0 .. v31 */
    .global user_hold
    .type user_hold, %function
user_hold:
    mov x30, x0
    ldr x29, [x30, #(IN + TPIDR)]
    msr tpidr_el0, x29
    add x29, x30, #(IN + VECTORS)
    vectors ldr
    add x29, x30, #IN
    ldp x0, x1, [x29, #0]
    ldp x2, x3, [x29, #16]
    ldp x4, x5, [x29, #32]
    ldp x6, x7, [x29, #48]
    ldp x8, x9, [x29, #64]
    ldp x10, x11, [x29, #80]
    ldp x12, x13, [x29, #96]
    ldp x14, x15, [x29, #112]
    ldp x16, x17, [x29, #128]
    ldp x18, x19, [x29, #144]
    ldp x20, x21, [x29, #160]
    ldp x22, x23, [x29, #176]
    ldp x24, x25, [x29, #192]
    ldp x26, x27, [x29, #208]
    ldr x28, [x29, #224]
1:  ldr x29, [x30, #COUNTER]
    add x29, x29, #1
    str x29, [x30, #COUNTER]
    add x29, x30, #0x10000          // USER_FLAG_DISTANCE
    ldr x29, [x29]
    cbz x29, 1b
    add x29, x30, #OUT
    stp x0, x1, [x29, #0]
    stp x2, x3, [x29, #16]
    stp x4, x5, [x29, #32]
    stp x6, x7, [x29, #48]
    stp x8, x9, [x29, #64]
    stp x10, x11, [x29, #80]
    stp x12, x13, [x29, #96]
    stp x14, x15, [x29, #112]
    stp x16, x17, [x29, #128]
    stp x18, x19, [x29, #144]
    stp x20, x21, [x29, #160]
    stp x22, x23, [x29, #176]
    stp x24, x25, [x29, #192]
    stp x26, x27, [x29, #208]
    str x28, [x29, #224]
    mrs x0, tpidr_el0
    str x0, [x29, #TPIDR]
    add x29, x30, #(OUT + VECTORS)
    vectors str
    mov x19, x30
    mov x29, xzr
2:  ldr x0, [x19, #NUMBER]
    str x0, [x19, #(ARGS + 12 * 8)]
    ldr x0, [x19]
    add x1, x19, #ARGS
    bl user_syscall
    b 2b

    .section .note.GNU-stack, "", %progbits
