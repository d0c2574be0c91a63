/* SPDX-License-Identifier: MIT */
/* Entry from programs and back.
 *
 * While a program runs, SP_EL1 is the address of its struct hal_context and the kernel stack is empty. An
 * exception stores all general registers there, takes the stack from the core's structure and calls C; what
 * kernel_enter returns is loaded, and nothing of the kernel survives on the stack. So no callee-saved
 * registers are kept for C, and a call from one program to another is one entry and one exit. (The context as
 * stack pointer is seL4's way.)
 *
 * While the kernel runs, SP_EL1 is the kernel stack; an exception then is the kernel's own fault: see
 * kernel_fault. */
#include "asm.h"
#include "offsets.h"

/* All of a program's registers into the context at sp; leaves the core in x6. Uses x0 .. x6 afterwards. */
.macro save_program
    stp x0, x1, [sp, #0]
    stp x2, x3, [sp, #16]
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    stp x8, x9, [sp, #64]
    stp x10, x11, [sp, #80]
    stp x12, x13, [sp, #96]
    stp x14, x15, [sp, #112]
    stp x16, x17, [sp, #128]
    stp x18, x19, [sp, #144]
    stp x20, x21, [sp, #160]
    stp x22, x23, [sp, #176]
    stp x24, x25, [sp, #192]
    stp x26, x27, [sp, #208]
    stp x28, x29, [sp, #224]
    mrs x0, sp_el0
    mrs x1, elr_el1
    mrs x2, spsr_el1
    mrs x3, tpidr_el0
    stp x30, x0, [sp, #REGS_X30]
    stp x1, x2, [sp, #REGS_PC]
    str x3, [sp, #REGS_TPIDR]
.endm

/* The core's own stack; x6 = the core. */
.macro kernel_stack
    mrs x6, tpidr_el1
    ldr x7, [x6, #CORE_STACK]
    mov sp, x7
.endm

.macro vector target
    .balign 128
    \target
.endm

/* An exception that must not come: kernel_fault is told which vector it was. */
.macro vector_kernel number
    .balign 128
    msr tpidrro_el0, x0
    mov x0, #\number
    b kernel_fault
.endm

    .section .text.vectors, "ax"
    .balign 2048
GLOBAL(aarch64_vectors)
    vector_kernel 0 // from EL1 with SP_EL0
    vector_kernel 1
    vector_kernel 2
    vector_kernel 3
    vector_kernel 4 // from EL1: synchronous, IRQ, FIQ, SError
    vector_kernel 5
    vector_kernel 6
    vector_kernel 7

    .balign 128 // from a program: synchronous
    save_program
    mrs x4, esr_el1
    lsr w5, w4, #26
    cmp w5, #0x15 // svc
    b.ne program_fault
    kernel_stack
    b program_syscall

    .balign 128 // from a program: IRQ
    save_program
    kernel_stack
    mov x0, x6
    bl trap_interrupt
    b deliver

    vector_kernel 10 // from a program: FIQ, which nobody routes here

    .balign 128 // from a program: SError; its registers are saved for the report
    save_program
    kernel_stack
    b program_serror

    vector_kernel 12 // from AArch32, which no program can be in
    vector_kernel 13
    vector_kernel 14
    vector_kernel 15

/* x4 = ESR_EL1 */
program_fault:
    kernel_stack
    mov x0, x6
    mov x1, x4
    mrs x2, far_el1
    bl trap_fault

/* x0: the event for the kernel, NULL when there is none and the same program goes on. */
deliver:
    cbz x0, same_program
    bl kernel_enter
    b resume

program_syscall:
    add x0, x6, #CORE_SYSCALL
    bl kernel_enter

/* x0: address space, x1: context. Both as before is the common case. */
resume:
    mrs x2, tpidr_el1
    cbz x1, idle
    ldp x3, x4, [x2, #CORE_CONTEXT]
    cmp x1, x3
    ccmp x0, x4, #0, eq
    b.ne switch_program

restore:
    mov sp, x1
    ldp x30, x3, [sp, #REGS_X30]
    ldp x4, x5, [sp, #REGS_PC]
    ldr x6, [sp, #REGS_TPIDR]
    msr sp_el0, x3
    msr elr_el1, x4
    msr spsr_el1, x5
    msr tpidr_el0, x6
    ldp x28, x29, [sp, #224]
    ldp x26, x27, [sp, #208]
    ldp x24, x25, [sp, #192]
    ldp x22, x23, [sp, #176]
    ldp x20, x21, [sp, #160]
    ldp x18, x19, [sp, #144]
    ldp x16, x17, [sp, #128]
    ldp x14, x15, [sp, #112]
    ldp x12, x13, [sp, #96]
    ldp x10, x11, [sp, #80]
    ldp x8, x9, [sp, #64]
    ldp x6, x7, [sp, #48]
    ldp x4, x5, [sp, #32]
    ldp x2, x3, [sp, #16]
    ldp x0, x1, [sp, #0]
    eret // also synchronises what was written to TTBR0_EL1 and CPACR_EL1, and clears the exclusive monitor

same_program:
    mrs x2, tpidr_el1
    ldr x1, [x2, #CORE_CONTEXT]
    cbnz x1, restore
    b idle

/* Another context, another address space or both. x0, x1: wanted; x2: core; x4: the address space in place. */
switch_program:
    str x1, [x2, #CORE_CONTEXT]
    cmp x0, x4
    b.eq 1f
    ldp x5, x6, [x0, #VSPACE_TTBR]
    ldr x7, [x2, #CORE_GENERATION]
    cmp x6, x7
    b.ne renew
    msr ttbr0_el1, x5
    str x0, [x2, #CORE_VSPACE]
1:  ldp x3, x4, [x2, #CORE_FP_OWNER]
    mov x5, #(1 << 20)           // CPACR_PROGRAMS_TRAP
    mov x6, #(3 << 20)           // CPACR_PROGRAMS_OPEN
    cmp x1, x3
    csel x5, x6, x5, eq
    cmp x5, x4
    b.eq restore
    msr cpacr_el1, x5
    str x5, [x2, #CORE_CPACR]
    b restore

/* The address space has no ASID of this generation: rare, in C. */
renew:
    stp x0, x1, [sp, #-16]!
    bl vspace_renew_asid
    ldp x0, x1, [sp], #16
    mrs x2, tpidr_el1
    ldr x5, [x0, #VSPACE_TTBR]
    msr ttbr0_el1, x5
    str x0, [x2, #CORE_VSPACE]
    b 1b

/* Nothing to run, or HAL_NEXT_CONTINUE in x0. The stack is empty; address space and vector registers stay
 * where they are. */
idle:
    ldr x3, [x2, #CORE_STACK]
    mov sp, x3
    mov x29, xzr
    mov x30, xzr
    mov x1, x0
    mov x0, x2
    bl trap_idle
    bl kernel_enter
    b resume

program_serror:
    mrs x0, esr_el1
    mrs x1, far_el1
    bl trap_serror // does not return

/* _Noreturn void aarch64_run(struct hal_next): the first program of this core, or none. */
GLOBAL(aarch64_run)
    b resume

/* The kernel itself is at fault; there is no way back. x0 = vector, its old value in TPIDRRO_EL0 (the one
 * register that a program cannot write and nobody reads). The stack may be what is wrong: change to the
 * emergency stack, build struct kernel_fault there, and a frame record that continues the chain of the code
 * at fault. */
kernel_fault:
    msr tpidr_el0, x1
    mrs x1, tpidr_el1
    ldr x1, [x1, #CORE_EMERGENCY]
    sub x1, x1, #FAULT_BYTES
    stp x2, x3, [x1, #16]
    stp x4, x5, [x1, #32]
    stp x6, x7, [x1, #48]
    stp x8, x9, [x1, #64]
    stp x10, x11, [x1, #80]
    stp x12, x13, [x1, #96]
    stp x14, x15, [x1, #112]
    stp x16, x17, [x1, #128]
    stp x18, x19, [x1, #144]
    stp x20, x21, [x1, #160]
    stp x22, x23, [x1, #176]
    stp x24, x25, [x1, #192]
    stp x26, x27, [x1, #208]
    stp x28, x29, [x1, #224]
    mrs x2, tpidrro_el0
    mrs x3, tpidr_el0
    stp x2, x3, [x1, #0]
    mov x2, sp
    stp x30, x2, [x1, #FAULT_X30]
    mrs x2, elr_el1
    mrs x3, spsr_el1
    stp x2, x3, [x1, #FAULT_PC]
    stp x29, x2, [x1, #FAULT_FRAME]
    mrs x3, esr_el1
    mrs x4, far_el1
    stp x3, x4, [x1, #FAULT_ESR]
    mov sp, x1
    add x29, x1, #FAULT_FRAME
    mov x30, x2
    bl trap_kernel_fault // does not return
    brk #0
