/* SPDX-License-Identifier: MIT */
/* Upcalls: the kernel starts a process at an entry of its own choice instead of where it was. The user part
 * is read once and believed in nothing: a wrong entry or stack faults in the process with upcalls disabled,
 * which ends it. */
#ifndef MUDSKIPPER_KERNEL_UPCALL_H
#define MUDSKIPPER_KERNEL_UPCALL_H

#include <mudskipper/abi/error.h>
#include <mudskipper/abi/dispatcher.h>

struct dispatcher;

/* `d` was preempted and is about to run: the run upcall, when it wants one and something has come. */
void upcall_run(struct dispatcher *d);

/* The fault upcall; false when `d` has no handler or upcalls disabled. */
bool upcall_fault(struct dispatcher *d, const struct fault_record *record);

/* Continues from a save area and enables upcalls: OUT_OF_RANGE, BAD_BUFFER. */
MUST_USE err_t upcall_resume(struct dispatcher *d, uint64_t save_area);

#endif
