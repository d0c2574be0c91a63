/* SPDX-License-Identifier: MIT */
/* A gate for tests: adds 1 to 14 to the arguments and returns. And a thread that fills every register a C call must
 * preserve before it switches back. */
    .text
    .globl test_gate
test_gate:
    add $1, %rdi
    add $2, %rsi
    add $3, %rdx
    add $4, %rcx
    add $5, %r8
    add $6, %r9
    add $7, %rax
    add $8, %r10
    add $9, %r11
    add $10, %rbx
    add $11, %r12
    add $12, %r13
    add $13, %r14
    add $14, %r15
    jmp *%rbp

/* void test_scribble(uintptr_t *save (rdi), uintptr_t load (rsi)) */
    .globl test_scribble
test_scribble:
    mov $-1, %rbx
    mov $-1, %r12
    mov $-1, %r13
    mov $-1, %r14
    mov $-1, %r15
    mov $-1, %rbp
    movl $0x7f80, -4(%rsp)
    ldmxcsr -4(%rsp)
    call rt_switch
    ud2

/* uint64_t test_switch(uintptr_t *save (rdi), uintptr_t load (rsi)): 0 when rt_switch came back with all it must keep. */
    .globl test_switch
test_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    mov $0x11, %rbx
    mov $0x12, %r12
    mov $0x13, %r13
    mov $0x14, %r14
    mov $0x15, %r15
    mov $0x16, %rbp
    call rt_switch
    xor $0x11, %rbx
    xor $0x12, %r12
    xor $0x13, %r13
    xor $0x14, %r14
    xor $0x15, %r15
    xor $0x16, %rbp
    mov %rbx, %rax
    or %r12, %rax
    or %r13, %rax
    or %r14, %rax
    or %r15, %rax
    or %rbp, %rax
    stmxcsr (%rsp)
    mov (%rsp), %ecx
    and $0xffc0, %ecx
    xor $0x1f80, %ecx
    or %rcx, %rax
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret

    .section .note.GNU-stack, "", @progbits
