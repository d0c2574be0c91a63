/* SPDX-License-Identifier: MIT */
/* Numbers that assembly and C share; isa_x86_64.c claims each of them. */
#ifndef HOSTSIM_OFFSETS_H
#define HOSTSIM_OFFSETS_H

/* struct hal_context */
#define CONTEXT_ARGUMENT 0
#define CONTEXT_RBP      112
#define CONTEXT_RSP      120
#define CONTEXT_RIP      128
#define CONTEXT_RFLAGS   136
#define CONTEXT_XSAVE    192
#define CONTEXT_FCW      192
#define CONTEXT_MXCSR    216
#define CONTEXT_FP       1024

/* struct sim_core */
#define CORE_CONTEXT   0
#define CORE_KERNEL_SP 8
#define CORE_MODE      16
#define CORE_PENDING   20
#define CORE_CAUSE     24
#define CORE_BRIDGE_SP 32

/* Values of sim_core.mode. The low byte is also the selector of Linux's system call user dispatch: 1 holds
 * system calls of the host back, 0 lets them through. */
#define SIM_KERNEL 0x000
#define SIM_USER   0x001
#define SIM_IDLE   0x100
#define SIM_OFF    0x200

/* Values of sim_core.cause. */
#define SIM_CAUSE_NONE  0 /* an event was pending: nothing of the program ran, or what ran is saved */
#define SIM_CAUSE_GATE  1
#define SIM_CAUSE_FAULT 2

/* What a hook of the bridge answers. */
#define BRIDGE_VERDICT_GO_ON 0
#define BRIDGE_VERDICT_AGAIN 1 /* the page has gone between the thunk's touch and the hook */
#define BRIDGE_VERDICT_FAULT 2 /* core->trap says what the program did */

#define X86_RFLAGS_USER   0x202 /* interrupts on, and the bit that is always one */
#define X86_RFLAGS_TF_AC  0x40100
#define X86_FCW_INITIAL   0x37f
#define X86_MXCSR_INITIAL 0x1f80
#define X86_MXCSR_STATUS  0x3f

#endif
