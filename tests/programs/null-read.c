/* SPDX-License-Identifier: MIT */
/* Reads through a null pointer. */
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>

int main(void)
{
    const volatile int *nowhere = (const volatile int *)rt_self()->vspace_base;

    rt_print("null-read: about to read\n");
    return *nowhere;
}
