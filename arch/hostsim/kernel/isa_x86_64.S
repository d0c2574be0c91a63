/* SPDX-License-Identifier: MIT */
/* The three doors between kernel and program on an x86-64 Linux host: isa_resume out, isa_gate and signals in.
 *
 *        isa_resume(core, context)                      program
 *   save kernel registers, kernel_sp
 *   mode := SIM_USER  (a full barrier: see cores.c)
 *   ---- isa_resume_begin: may be abandoned ----
 *   pending? -------------------------------> return, cause NONE
 *   load FP state, flags, registers
 *   ---- isa_resume_end ------ jump ----------------------> runs
 *                                                           | jmp *gate
 *   isa_gate: store registers, mode := SIM_KERNEL <---------+
 *                                                           | signal: sim_on_signal stores registers,
 *   isa_continue <------- return from the handler <---------+ mode := SIM_KERNEL
 *   restore kernel registers, return
 *
 * %fs stays the host's: programs do not use it. */
#include "offsets.h"

    .text

/* void isa_resume(struct sim_core *core (rdi), struct hal_context *context (rsi)) */
    .globl isa_resume
    .type isa_resume, @function
    .balign 64
isa_resume:
    push %rbp
    mov %rsp, %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, CORE_KERNEL_SP(%rdi)
    movl $SIM_CAUSE_NONE, CORE_CAUSE(%rdi)
    mov $SIM_USER, %eax
    xchg %eax, CORE_MODE(%rdi)
    .globl isa_resume_begin
isa_resume_begin:
    cmpl $0, CORE_PENDING(%rdi)
    jne .Lnot_now
    cmpl $0, CONTEXT_FP(%rsi)
    jne .Lcontrol_words
    mov isa_xsave_mask(%rip), %eax
    xor %edx, %edx
    xrstor64 CONTEXT_XSAVE(%rsi)
    jmp .Lgeneral

.Lcontrol_words: /* after a system call: vector registers hold nothing, so that nothing leaks */
    testb $4, isa_xsave_mask(%rip)
    jz .Lno_avx
    vzeroall
.Lload_controls:
    ldmxcsr CONTEXT_MXCSR(%rsi)
    cmpw $X86_FCW_INITIAL, CONTEXT_FCW(%rsi)
    je .Lgeneral
    fldcw CONTEXT_FCW(%rsi)

.Lgeneral:
    pushq CONTEXT_RFLAGS(%rsi)
    popfq
    mov CONTEXT_RIP(%rsi), %rax
    mov %rax, %fs:isa_scratch@tpoff
    mov CONTEXT_ARGUMENT+0(%rsi), %rdi
    mov CONTEXT_ARGUMENT+16(%rsi), %rdx
    mov CONTEXT_ARGUMENT+24(%rsi), %rcx
    mov CONTEXT_ARGUMENT+32(%rsi), %r8
    mov CONTEXT_ARGUMENT+40(%rsi), %r9
    mov CONTEXT_ARGUMENT+48(%rsi), %rax
    mov CONTEXT_ARGUMENT+56(%rsi), %r10
    mov CONTEXT_ARGUMENT+64(%rsi), %r11
    mov CONTEXT_ARGUMENT+72(%rsi), %rbx
    mov CONTEXT_ARGUMENT+80(%rsi), %r12
    mov CONTEXT_ARGUMENT+88(%rsi), %r13
    mov CONTEXT_ARGUMENT+96(%rsi), %r14
    mov CONTEXT_ARGUMENT+104(%rsi), %r15
    mov CONTEXT_RBP(%rsi), %rbp
    mov CONTEXT_RSP(%rsi), %rsp
    mov CONTEXT_ARGUMENT+8(%rsi), %rsi
    jmp *%fs:isa_scratch@tpoff

.Lno_avx:
    pxor %xmm0, %xmm0
    pxor %xmm1, %xmm1
    pxor %xmm2, %xmm2
    pxor %xmm3, %xmm3
    pxor %xmm4, %xmm4
    pxor %xmm5, %xmm5
    pxor %xmm6, %xmm6
    pxor %xmm7, %xmm7
    pxor %xmm8, %xmm8
    pxor %xmm9, %xmm9
    pxor %xmm10, %xmm10
    pxor %xmm11, %xmm11
    pxor %xmm12, %xmm12
    pxor %xmm13, %xmm13
    pxor %xmm14, %xmm14
    pxor %xmm15, %xmm15
    jmp .Lload_controls

.Lnot_now:
    movl $SIM_KERNEL, CORE_MODE(%rdi)
    jmp .Lreturn
    .globl isa_resume_end
isa_resume_end:

/* The system call. All registers but rsp and rbp are arguments, rbp is where to return to, and the program's stack is
 * not touched. What it leaves in the x87 and SSE control registers must not reach the kernel's C code. */
    .globl isa_gate
    .type isa_gate, @function
    .balign 64
    .skip 56
    .quad bridge - isa_gate /* for programs with hooks of a sanitizer */
isa_gate:
    mov %rbp, %fs:isa_scratch@tpoff
    mov %fs:sim_this_core@tpoff, %rbp
    mov CORE_CONTEXT(%rbp), %rbp
    mov %rdi, CONTEXT_ARGUMENT+0(%rbp)
    mov %rsi, CONTEXT_ARGUMENT+8(%rbp)
    mov %rdx, CONTEXT_ARGUMENT+16(%rbp)
    mov %rcx, CONTEXT_ARGUMENT+24(%rbp)
    mov %r8, CONTEXT_ARGUMENT+32(%rbp)
    mov %r9, CONTEXT_ARGUMENT+40(%rbp)
    mov %rax, CONTEXT_ARGUMENT+48(%rbp)
    mov %r10, CONTEXT_ARGUMENT+56(%rbp)
    mov %r11, CONTEXT_ARGUMENT+64(%rbp)
    mov %rbx, CONTEXT_ARGUMENT+72(%rbp)
    mov %r12, CONTEXT_ARGUMENT+80(%rbp)
    mov %r13, CONTEXT_ARGUMENT+88(%rbp)
    mov %r14, CONTEXT_ARGUMENT+96(%rbp)
    mov %r15, CONTEXT_ARGUMENT+104(%rbp)
    mov %rsp, CONTEXT_RSP(%rbp)
    mov %fs:isa_scratch@tpoff, %rax
    mov %rax, CONTEXT_RBP(%rbp)
    mov %rax, CONTEXT_RIP(%rbp)
    movq $X86_RFLAGS_USER, CONTEXT_RFLAGS(%rbp)
    stmxcsr CONTEXT_MXCSR(%rbp)
    fnstcw CONTEXT_FCW(%rbp)
    movl $1, CONTEXT_FP(%rbp)
    mov %fs:sim_this_core@tpoff, %rbx
    mov CORE_KERNEL_SP(%rbx), %rsp
    movl $SIM_CAUSE_GATE, CORE_CAUSE(%rbx)
    movl $SIM_KERNEL, CORE_MODE(%rbx)
    .globl isa_gate_end
isa_gate_end:
    cld
    pushfq
    testl $X86_RFLAGS_TF_AC, (%rsp)
    jnz .Lclean_flags
.Lflags_clean:
    lea 8(%rsp), %rsp
    mov CONTEXT_MXCSR(%rbp), %eax
    and $~X86_MXCSR_STATUS, %eax
    cmp $X86_MXCSR_INITIAL, %eax
    jne .Lclean_fp
    cmpw $X86_FCW_INITIAL, CONTEXT_FCW(%rbp)
    jne .Lclean_fp
    fnstsw %ax
    test %ax, %ax
    jz .Lreturn

.Lclean_fp:
    fninit
    ldmxcsr .Lmxcsr(%rip)
.Lreturn:
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret

.Lclean_flags:
    andl $~X86_RFLAGS_TF_AC, (%rsp)
    popfq
    pushfq
    jmp .Lflags_clean

/* Where handlers continue: rsp is kernel_sp, the program's registers are saved or not needed. (Under Valgrind flags do
 * not come from the signal frame: they are still the program's.) */
    .globl isa_continue
isa_continue:
    mov %fs:sim_this_core@tpoff, %rbx
    mov CORE_KERNEL_SP(%rbx), %rsp /* it is already: Valgrind shall see it move */
    cld
    jmp .Lclean_fp

/* The signal handler. Valgrind's signal frames carry no vector state, but here the registers still hold it. */
    .globl isa_signal_entry
    .type isa_signal_entry, @function
    .balign 16
isa_signal_entry:
    cld
    cmpl $0, isa_under_valgrind(%rip)
    jne .Lkeep_vectors
    jmp sim_on_signal
.Lkeep_vectors:
    mov %rdx, %r8
    mov isa_xsave_mask(%rip), %eax
    xor %edx, %edx
    xsave64 %fs:isa_signal_vectors@tpoff
    mov %r8, %rdx
    jmp sim_on_signal

/* The only place from which the host's system calls are let through while the core is in user mode (trap.c). */
    .balign 16
    .globl isa_host_calls
isa_host_calls:
    nop

/* What the kernel of the host returns to behind a handler. */
    .globl isa_signal_return
    .type isa_signal_return, @function
isa_signal_return:
    mov $15, %rax /* rt_sigreturn */
    syscall

/* long sim_raw_syscall(long number, long a, long b, long c, long d) */
    .globl sim_raw_syscall
    .type sim_raw_syscall, @function
sim_raw_syscall:
    mov %rdi, %rax
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %rcx, %rdx
    mov %r8, %r10
    syscall
    ret
    .globl isa_host_calls_end
isa_host_calls_end:

/* int isa_probe_registers(volatile char *address): a store that faults, right behind changes of registers. Returns 0 when
 * the handler, which lets it through, saw all of them. */
    .globl isa_probe_registers
    .type isa_probe_registers, @function
isa_probe_registers:
    mov $0x1111111, %r8d
    mov $0x2222222, %r9d
    lea 0x1111111(%r8), %r8
    movb $1, (%rdi)
    .globl isa_probe_done
isa_probe_done:
    lea 0x1(%r9), %r9
    ret

    .section .rodata
    .balign 4
.Lmxcsr:
    .long X86_MXCSR_INITIAL

    .section .note.GNU-stack, "", @progbits
