/* SPDX-License-Identifier: MIT */
/* What a port gives programs: start-up, system calls, switching between threads of one process. Implemented
 * in arch/<arch>/user; everything else in programs is neutral.
 *
 * arch/<arch>/user/start.S holds _start: argument 0 is the start block; it clears the frame pointer and calls
 * rt_start(). Upcall entries need no port code: the kernel starts them like a C function with one argument.
 */
#ifndef MUDSKIPPER_RT_PORT_H
#define MUDSKIPPER_RT_PORT_H

#include <mudskipper/abi/syscall.h>
#include <mudskipper/abi/start.h>
#include <mudskipper/arch/save_area.h>

/* The system call: args[0 .. 13] in, results in the same places. */
void rt_syscall(uint64_t args[SYS_ARGS]);

/* Called once by rt_start before any system call: the simulator keeps the gate. */
void rt_port_init(const struct start_block *start);

/* Voluntary switch between two stacks of this process: saves what a C call must preserve on the current
 * stack, stores its stack pointer in *save, continues at `load`. Never enters the kernel. */
void rt_switch(uintptr_t *save, uintptr_t load);

/* Makes a stack whose first rt_switch calls entry(argument); entry never returns. */
uintptr_t rt_switch_prepare(uintptr_t stack_top, void (*entry)(void *), void *argument);

/* What a checking tool wants to hear of this process's heaps (heap_init); NULL: there is none. */
struct heap_tools;
const struct heap_tools *rt_heap_tools(void);

/* The machine number of programs for this processor, as ELF files have it. */
unsigned rt_elf_machine(void);

/* Save areas as the thread library and fault reports see them. */
vaddr_t rt_save_area_pc(const struct save_area *area);
vaddr_t rt_save_area_sp(const struct save_area *area);
vaddr_t rt_save_area_fp(const struct save_area *area);
void rt_save_area_set_pc(struct save_area *area, vaddr_t pc);

/* Called by _start, neutral: runs main and exits. */
_Noreturn void rt_start(const struct start_block *start);

#endif
