/* SPDX-License-Identifier: MIT */
/* The host's processor: all that another host architecture has to bring. Implemented in isa_<host>.c and .S;
 * the functions marked (handler) run in signal handlers, uninstrumented. */
#ifndef HOSTSIM_ISA_H
#define HOSTSIM_ISA_H

#include <signal.h>
#include <ucontext.h>
#include "sim.h"

/* Learns what the processor can do. NULL, or a sentence why it cannot host a machine. */
const char *isa_init(void);

/* Runs `context` on this core until the program traps or an event is pending; returns then, with core->cause
 * set and mode SIM_KERNEL again. Everything from isa_resume_begin to isa_resume_end can be abandoned at any
 * instruction: the context in memory is still whole. It writes nothing on the program's stack. */
void isa_resume(struct sim_core *core, struct hal_context *context);
extern const char isa_resume_begin[], isa_resume_end[];

/* Where hooks of programs jump to, when there is a bridge (bridge.h). */
extern const char isa_bridge[];

/* Where programs jump to for a system call. In [isa_gate, isa_gate_end) the core is still in user mode. */
extern const char isa_gate[], isa_gate_end[];

/* Signal handler with the kernel's calling convention; hands over to sim_on_signal. */
extern const char isa_signal_entry[], isa_signal_return[];

/* The code of sim_raw_syscall and isa_signal_return. */
extern const char isa_host_calls[], isa_host_calls_end[];

/* (handler) The interrupted code. */
uintptr_t isa_pc(const ucontext_t *u);
uintptr_t isa_fp(const ucontext_t *u);
uintptr_t isa_sp(const ucontext_t *u);

/* (handler) The whole state of the interrupted program into its context. */
void isa_store(const ucontext_t *u, int signal, const siginfo_t *info, struct hal_context *context);

/* (handler) The program goes on so many bytes behind where it is. */
void isa_step_over(struct hal_context *context, unsigned bytes);

/* (handler) What the program did. */
void isa_classify(const ucontext_t *u, int signal, const siginfo_t *info, struct hal_trap *trap);

/* (handler) Returning from the handler continues behind isa_resume, on the kernel's stack. */
void isa_divert(ucontext_t *u, const struct sim_core *core);

/* (handler) Returning from the handler calls function(a, b, c) as if the interrupted instruction had done it,
 * on the interrupted stack, or on another one when `stack` is not 0. The function must not return. */
void isa_call(ucontext_t *u, uintptr_t stack, void (*function)(uintptr_t, uintptr_t, uintptr_t), uintptr_t a,
              uintptr_t b, uintptr_t c);

/* The deterministic machine's fibres: leaves this one for another, whose sp it was told by the same call, or
 * by isa_fibre_stack for one that starts with `function`, on a stack of zeros that ends at `high`. */
void isa_fibre_switch(uintptr_t *sp_of_this, uintptr_t sp_of_the_other);
uintptr_t isa_fibre_stack(uintptr_t high, void (*function)(void));

/* False: jumping there would fault in the jump itself, that is in the kernel. */
bool isa_can_jump(vaddr_t pc);

/* True when Valgrind keeps all registers exact at a faulting access, as .valgrindrc asks it to. */
bool isa_exact_registers(void);

#endif
