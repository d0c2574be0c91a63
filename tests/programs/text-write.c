/* SPDX-License-Identifier: MIT */
/* Writes to its own code. */
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>

int main(void)
{
    volatile unsigned char *code = (volatile unsigned char *)&main;

    rt_print("text-write: about to write\n");
    *code = 0;
    return 0;
}
