/* SPDX-License-Identifier: MIT */
/* Programs that do what only an x86-64 program can. Each is entered with struct user_data in rdi. */
    .section user_code, "ax", @progbits

#define ADDRESS 0x10
#define RESULT  0x18
#define COUNT   0x28
#define ARGS    0x40
#define IN      0x100

.macro program name
    .globl \name
    .type \name, @function
\name:
.endm

/* System calls for ever, from here on. */
program x86_calls
    mov %rdi, %rbx
1:  mov 0(%rbx), %rdi
    lea ARGS(%rbx), %rsi
    call user_syscall
    jmp 1b

program x86_single_step
    mov %rdi, %rbx
    pushfq
    orl $0x100, (%rsp)
    popfq
    nop
    mov %rbx, %rdi
    jmp x86_calls

program x86_alignment_check
    mov %rdi, %rbx
    pushfq
    orl $0x40000, (%rsp)
    popfq
    mov %rbx, %rdi
    jmp x86_calls

program x86_direction
    std
    jmp x86_calls

/* A division by zero that x87 keeps to itself until the next instruction of its own. */
program x86_pending_x87
    fninit
    movw $0x360, IN(%rdi)
    fldcw IN(%rdi)
    fld1
    fldz
    fdivrp
    jmp x86_calls

/* All SSE exceptions on, rounding up, denormals flushed. */
program x86_mxcsr
    movl $0xc000, IN(%rdi)
    ldmxcsr IN(%rdi)
    mov %rdi, %rbx
    mov 0(%rbx), %rdi
    lea ARGS(%rbx), %rsi
    call user_syscall
    stmxcsr RESULT(%rbx)
    mov %rbx, %rdi
    jmp x86_calls

program x86_divide
    xor %edx, %edx
    mov $1, %eax
    xor %ecx, %ecx
    div %ecx
    ud2

program x86_halt
    hlt

program x86_port_output
    out %al, $0x80

program x86_host_call
    mov $39, %eax /* getpid */
    syscall
    mov %rax, RESULT(%rdi)
    jmp x86_calls

program x86_host_call_32
    mov $20, %eax /* getpid */
    int $0x80
    mov %rax, RESULT(%rdi)
    jmp x86_calls

program x86_misaligned_vector
    lea IN+1(%rdi), %rax
    movaps (%rax), %xmm0
    ud2

program x86_wild_read
    mov ADDRESS(%rdi), %rax
    mov 0x18(%rax), %rcx
    ud2

program x86_wild_indexed_write
    mov ADDRESS(%rdi), %r13
    mov $0x10, %r12d
    mov %r12, 0x20(%r13, %r12, 4)
    ud2

program x86_wild_jump
    mov ADDRESS(%rdi), %rax
    jmp *%rax

program x86_wild_return
    pushq ADDRESS(%rdi)
    ret

program x86_wild_push
    mov ADDRESS(%rdi), %rsp
    push %rax
    ud2

/* Fills COUNT bytes at ADDRESS, over pages that come one by one. */
program x86_string_store
    mov %rdi, %rbx
    mov COUNT(%rbx), %rcx
    mov ADDRESS(%rbx), %rdi
    mov $0x5a, %eax
    rep stosb
    mov %rdi, RESULT(%rbx)
    mov %rbx, %rdi
    jmp x86_calls

    .section .note.GNU-stack, "", @progbits
