/* SPDX-License-Identifier: MIT */
/* The system call and the voluntary switch of stacks. */
#include <mudskipper/arch/preserved.inc>

    .text

/* void rt_syscall(uint64_t args[14] (rdi)). The gate takes 14 registers, leaves rsp alone and returns to rbp. */
    .globl rt_syscall
    .type rt_syscall, @function
rt_syscall:
    push_preserved
    push %rdi
    mov 8(%rdi), %rsi
    mov 16(%rdi), %rdx
    mov 24(%rdi), %rcx
    mov 32(%rdi), %r8
    mov 40(%rdi), %r9
    mov 48(%rdi), %rax
    mov 56(%rdi), %r10
    mov 64(%rdi), %r11
    mov 72(%rdi), %rbx
    mov 80(%rdi), %r12
    mov 88(%rdi), %r13
    mov 96(%rdi), %r14
    mov 104(%rdi), %r15
    mov 0(%rdi), %rdi
    lea 1f(%rip), %rbp
    jmp *rt_gate(%rip)
1:  mov (%rsp), %rbp
    mov %rdi, 0(%rbp)
    mov %rsi, 8(%rbp)
    mov %rdx, 16(%rbp)
    mov %rcx, 24(%rbp)
    mov %r8, 32(%rbp)
    mov %r9, 40(%rbp)
    mov %rax, 48(%rbp)
    mov %r10, 56(%rbp)
    mov %r11, 64(%rbp)
    mov %rbx, 72(%rbp)
    mov %r12, 80(%rbp)
    mov %r13, 88(%rbp)
    mov %r14, 96(%rbp)
    mov %r15, 104(%rbp)
    pop %rdi
    pop_preserved
    ret

/* void rt_switch(uintptr_t *save (rdi), uintptr_t load (rsi)). What lies on a stack that waits, from its pointer up:
 *
 *   mxcsr, x87 control word | r15 | r14 | r13 | r12 | rbx | rbp | return address */
    .globl rt_switch
    .type rt_switch, @function
rt_switch:
    push_preserved
    sub $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    mov %rsp, (%rdi)
    mov rt_gate(%rip), %rsp /* nothing is stored there: Valgrind takes it for another stack (window.c), */
    cmpb $0, (%rsi)         /* and looks at the stack pointer where memory is read */
    mov %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    add $8, %rsp
    pop_preserved
    ret

/* First return of a prepared stack: r12 is the entry, r13 its argument; rsp stands at a 16-byte boundary. */
    .globl rt_switch_first
    .hidden rt_switch_first
    .type rt_switch_first, @function
rt_switch_first:
    mov %r13, %rdi
    xor %ebp, %ebp
    call *%r12
    ud2

    .section .note.GNU-stack, "", @progbits
