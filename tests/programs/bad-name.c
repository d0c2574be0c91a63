/* SPDX-License-Identifier: MIT */
/* Gives a region a name that is nowhere: the library finds out while it holds the lock of the address space,
 * which the pager needs to answer any fault. */
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/vspace/self.h>

int main(void)
{
    void *at;
    err_t e;

    rt_print("bad-name: about to map\n");
    e = self_map_lazy(PAGE_SIZE, 1, (const char *)(uintptr_t)(rt_self()->vspace_base + 16), &at);
    return err_ok(e) ? 0 : 1;
}
