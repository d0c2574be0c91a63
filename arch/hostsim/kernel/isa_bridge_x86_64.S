/* SPDX-License-Identifier: MIT */
/* From a program's hook to the simulator's and back (mudskipper/arch/bridge.h), on the core's bridge stack: a sanitizer's
 * run-time wants more room than programs' stacks have, and must not fault on them.
 *
 *   in    eax number of the hook, r11 its thunk, rdi rsi rdx rcx r8 its arguments, (rsp) the program counter to return to
 *   hook  the five arguments, then that program counter; returns rax the value, rdx enum bridge_verdict
 *
 * The core is in user mode all the time, and events that come are only noted (trap.c): they are taken at the end, where
 * the program stands behind a call of a C function, so that few registers matter. */
#include "offsets.h"

    .text
    .globl isa_bridge
    .type isa_bridge, @function
    .balign 64
isa_bridge:
    mov %fs:sim_this_core@tpoff, %r10
    mov %rsp, %r9
    mov CORE_BRIDGE_SP(%r10), %rsp
    push %r9
    push %r11
    push %r10
    push %rdi
    push %rsi
    push %rdx
    push %rcx
    push %r8
    mov (%r9), %r9
    cmp bridge+4(%rip), %eax
    jae .Lnonsense
    lea bridge_hooks(%rip), %r10
    call *(%r10,%rax,8)
    mov 40(%rsp), %rcx /* the core */
    cmp $BRIDGE_VERDICT_AGAIN, %edx
    je .Lagain
    mov 56(%rsp), %rsp
    cmp $BRIDGE_VERDICT_FAULT, %edx
    je .Lfault
    cmpl $0, CORE_PENDING(%rcx)
    jne .Levent
    ret

.Lnonsense: /* no thunk of ours does that: the program's own fault */
    ud2

.Lagain: /* the thunk touches its address once more */
    pop %r8
    pop %rcx
    pop %rdx
    pop %rsi
    pop %rdi
    pop %r10
    pop %r11
    pop %rsp
    jmp *%r11

.Lfault:
    mov $SIM_CAUSE_FAULT, %r8d
    jmp .Lleave
.Levent:
    mov $SIM_CAUSE_NONE, %r8d
.Lleave: /* as if the program had been stopped right behind the call */
    mov CORE_CONTEXT(%rcx), %rdx
    mov %rax, CONTEXT_ARGUMENT+48(%rdx)
    mov %rbx, CONTEXT_ARGUMENT+72(%rdx)
    mov %r12, CONTEXT_ARGUMENT+80(%rdx)
    mov %r13, CONTEXT_ARGUMENT+88(%rdx)
    mov %r14, CONTEXT_ARGUMENT+96(%rdx)
    mov %r15, CONTEXT_ARGUMENT+104(%rdx)
    mov %rbp, CONTEXT_RBP(%rdx)
    pop %rsi
    mov %rsi, CONTEXT_RIP(%rdx)
    mov %rsp, CONTEXT_RSP(%rdx)
    movq $X86_RFLAGS_USER, CONTEXT_RFLAGS(%rdx)
    stmxcsr CONTEXT_MXCSR(%rdx)
    fnstcw CONTEXT_FCW(%rdx)
    movl $1, CONTEXT_FP(%rdx)
    mov CORE_KERNEL_SP(%rcx), %rsp
    mov %r8d, CORE_CAUSE(%rcx)
    movl $SIM_KERNEL, CORE_MODE(%rcx)
    mov %rdx, %rbp
    jmp isa_gate_end

    .section .note.GNU-stack, "", @progbits
