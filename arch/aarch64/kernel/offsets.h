/* SPDX-License-Identifier: MIT */
/* Where the assembler finds things. kernel/core.c claims that the structures agree. */
#ifndef AARCH64_KERNEL_OFFSETS_H
#define AARCH64_KERNEL_OFFSETS_H

/* struct save_area, which a struct hal_context is. */
#define REGS_X30    240
#define REGS_SP     248
#define REGS_PC     256
#define REGS_PSTATE 264
#define REGS_TPIDR  272
#define REGS_FPCR   280
#define REGS_Q      288

/* struct hal_vspace */
#define VSPACE_TTBR       0
#define VSPACE_GENERATION 8

/* struct aarch64_core */
#define CORE_STACK      16
#define CORE_EMERGENCY  24
#define CORE_CONTEXT    32 /* the two words are loaded together */
#define CORE_VSPACE     40
#define CORE_FP_OWNER   48 /* these too */
#define CORE_CPACR      56
#define CORE_GENERATION 64
#define CORE_SYSCALL    72

/* struct kernel_fault */
#define FAULT_BYTES 304
#define FAULT_X30   240
#define FAULT_SP    248
#define FAULT_PC    256
#define FAULT_ESR   272
#define FAULT_FRAME 288

#endif
