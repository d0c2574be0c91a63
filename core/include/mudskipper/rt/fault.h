/* SPDX-License-Identifier: MIT */
/* Faults of this process's own threads: self-paging stands on this. */
#ifndef MUDSKIPPER_RT_FAULT_H
#define MUDSKIPPER_RT_FAULT_H

#include <mudskipper/rt/thread.h>

/* True: the thread continues with the registers in *save (which the handler may change). False: the process
 * ends, with the kernel's report of this fault. Runs in a thread of its own, one fault at a time, and may
 * block; a fault inside it ends the process, unless it is one of those the address space answers. */
typedef bool (*rt_fault_handler_t)(struct thread *thread, const struct fault_record *fault,
                                   struct save_area *save);

/* One handler for the whole process; a later one replaces it. Without one every fault that the address space
 * does not answer is fatal. */
void rt_on_fault(rt_fault_handler_t handler);

/* Who is asked before the handler, for core/vspace: what lies where in the address space, and where memory
 * comes on demand. False: the handler is asked. A fault inside it ends the process, and so does one of a
 * thread that holds `lock`, which the pager takes. */
void rt_set_pager(rt_fault_handler_t pager, const struct mutex *lock);

/* Called with upcalls disabled while save[SAVE_TRAP] holds a fault: ends the process with the kernel's
 * report. */
_Noreturn void rt_fault_is_fatal(void);

#endif
