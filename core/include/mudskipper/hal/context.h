/* SPDX-License-Identifier: MIT */
/* HAL: register contexts of programs. A context is kernel memory; programs never see it. The port stores the
 * registers there when the program traps and loads them from there when it runs. Vector registers may be kept
 * lazily: only the functions below say when they are really in memory. */
#ifndef MUDSKIPPER_HAL_CONTEXT_H
#define MUDSKIPPER_HAL_CONTEXT_H

#include <mudskipper/abi/types.h>
#include <mudskipper/arch/hal_types.h> /* by the port: struct hal_context, 64-byte aligned; HAL_ELF_MACHINE */
#include <mudskipper/arch/save_area.h> /* struct save_area, by the port: what programs see */

/* A context that starts at pc as a C function that never returns: `sp` is the 16-byte aligned top of its
 * stack (the port adjusts it as its calling convention wants at function entry), `argument` its only
 * argument; every other register zero, FP state initial. pc and sp are allegations of a process: any value is
 * safe for the kernel. */
void hal_context_init(struct hal_context *c, vaddr_t pc, vaddr_t sp, uint64_t argument);

/* The same on a context that has run, e.g. for an upcall. Other registers are cleared, so that nothing
 * leaks from one thread to another; FP state may be stale, the upcall saves nothing it did not load. */
void hal_context_enter(struct hal_context *c, vaddr_t pc, vaddr_t sp, uint64_t argument);

vaddr_t hal_context_pc(const struct hal_context *c);
vaddr_t hal_context_sp(const struct hal_context *c);

/* System call arguments and results, i < SYS_ARGS. Valid after a HAL_SYSCALL trap. */
uint64_t hal_context_arg(const struct hal_context *c, unsigned i);
void hal_context_set_arg(struct hal_context *c, unsigned i, uint64_t value);

/* The whole state, vector registers included, out to a save area and back. `to` and `from` are the kernel's
 * view of a process's memory: it may change at any time and hold anything. load copies first, then forces
 * every bit that a program may not choose to its safe value; it cannot fail. */
void hal_context_save(struct hal_context *c, struct save_area *to);
void hal_context_load(struct hal_context *c, const struct save_area *from);

/* Where programs enter the kernel when an instruction does not do it: the simulator's gate; 0 elsewhere. */
vaddr_t hal_gate(void);

/* The context's memory goes away: forget lazily kept state. On the core it last ran on. */
void hal_context_forget(struct hal_context *c);

/* Frame pointers of a stopped context, for back-traces: register value of the frame pointer. */
vaddr_t hal_context_fp(const struct hal_context *c);

#endif
