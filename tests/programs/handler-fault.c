/* SPDX-License-Identifier: MIT */
/* Its fault handler faults. */
#include <mudskipper/rt/fault.h>
#include <mudskipper/rt/process.h>

static volatile int *nowhere; /* the first page of the address space, where nothing ever is */

static bool bad_handler(struct thread *t, const struct fault_record *fault, struct save_area *save)
{
    (void)t;
    (void)fault;
    (void)save;
    rt_log("handler-fault: about to write\n");
    *nowhere = 1;
    return true;
}

int main(void)
{
    nowhere = (volatile int *)rt_self()->vspace_base;
    rt_on_fault(bad_handler);
    rt_log("handler-fault: about to read\n");
    return *nowhere;
}
