/* SPDX-License-Identifier: MIT */
/* Programs of the port's tests, the part that knows the processor. Offsets are those of struct user_data. */
#include <mudskipper/arch/det.h>

    .section user_code, "ax", @progbits

/* void user_syscall(uint64_t gate (rdi), uint64_t *args (rsi)) */
    .globl user_syscall
    .type user_syscall, @function
    .balign 16
user_syscall:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    push %rsi
    push %rdi
    mov %rsi, %rdi
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
    jmp *(%rsp)
1:  mov 8(%rsp), %rbp
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
    add $16, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret

    .globl user_illegal
    .type user_illegal, @function
user_illegal:
    ud2

    .globl user_breakpoint
    .type user_breakpoint, @function
user_breakpoint:
    int3
    ud2

/* On a deterministic machine programs count their basic blocks (arch/hostsim/user/det.S): what the compiler calls, and what
 * a loop does whose registers are all taken. */
.macro block
#ifdef HOSTSIM_DET
    push %r11
    movabs $DET_PAGE, %r11
    decq (%r11)
    jns .Lgo_on\@
    ud2 /* DET_TRAP_BYTES */
.Lgo_on\@:
    pop %r11
#endif
.endm

#ifdef HOSTSIM_DET
#define DET_IN_SECTION
#include "../../../arch/hostsim/user/det.S"
    .section user_code, "ax", @progbits
#endif

/* void user_hold(struct user_data *d (rdi)). rbp keeps d. Words of d->in and d->out:
 *
 *   0 .. 13    rax rbx rcx rdx rsi rdi r8 .. r15
 *   14 .. 45   xmm0 .. xmm15
 *   46 .. 77   upper halves of ymm0 .. ymm15, when d->wide */
#define WIDE    0x8
#define COUNTER 0x20
#define NUMBER  0x38
#define ARGS    0x40
#define FLAG    0x10000
#define IN      0x100
#define OUT     0x700
#define VECTORS (14 * 8)
#define UPPER   (46 * 8)

.macro each_vector action
    .irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \action \i
    .endr
.endm

.macro load_narrow i
    movups IN + VECTORS + \i * 16(%rbp), %xmm\i
.endm

.macro load_wide i
    vmovups IN + VECTORS + \i * 16(%rbp), %xmm\i
    vinsertf128 $1, IN + UPPER + \i * 16(%rbp), %ymm\i, %ymm\i
.endm

.macro store_narrow i
    movups %xmm\i, OUT + VECTORS + \i * 16(%rbp)
.endm

.macro store_wide i
    vmovups %xmm\i, OUT + VECTORS + \i * 16(%rbp)
    vextractf128 $1, %ymm\i, OUT + UPPER + \i * 16(%rbp)
.endm

    .globl user_hold
    .type user_hold, @function
user_hold:
    mov %rdi, %rbp
    cmpq $0, WIDE(%rbp)
    je 1f
    each_vector load_wide
    jmp 2f
1:  each_vector load_narrow
2:  mov IN + 0(%rbp), %rax
    mov IN + 8(%rbp), %rbx
    mov IN + 16(%rbp), %rcx
    mov IN + 24(%rbp), %rdx
    mov IN + 32(%rbp), %rsi
    mov IN + 40(%rbp), %rdi
    mov IN + 48(%rbp), %r8
    mov IN + 56(%rbp), %r9
    mov IN + 64(%rbp), %r10
    mov IN + 72(%rbp), %r11
    mov IN + 80(%rbp), %r12
    mov IN + 88(%rbp), %r13
    mov IN + 96(%rbp), %r14
    mov IN + 104(%rbp), %r15
3:  block
    incq COUNTER(%rbp)
    cmpq $0, FLAG(%rbp)
    je 3b
    mov %rax, OUT + 0(%rbp)
    mov %rbx, OUT + 8(%rbp)
    mov %rcx, OUT + 16(%rbp)
    mov %rdx, OUT + 24(%rbp)
    mov %rsi, OUT + 32(%rbp)
    mov %rdi, OUT + 40(%rbp)
    mov %r8, OUT + 48(%rbp)
    mov %r9, OUT + 56(%rbp)
    mov %r10, OUT + 64(%rbp)
    mov %r11, OUT + 72(%rbp)
    mov %r12, OUT + 80(%rbp)
    mov %r13, OUT + 88(%rbp)
    mov %r14, OUT + 96(%rbp)
    mov %r15, OUT + 104(%rbp)
    cmpq $0, WIDE(%rbp)
    je 4f
    each_vector store_wide
    jmp 5f
4:  each_vector store_narrow
5:  mov NUMBER(%rbp), %rax
    mov %rax, ARGS + 12 * 8(%rbp)
    mov 0(%rbp), %rdi
    lea ARGS(%rbp), %rsi
    call user_syscall
    jmp 5b

    .section .note.GNU-stack, "", @progbits
