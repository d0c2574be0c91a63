/* SPDX-License-Identifier: MIT */
/* Loops for ever without a system call. */
#include <mudskipper/rt/process.h>

int main(void)
{
    rt_log("endless: about to loop\n");
    for (volatile unsigned long turns = 0;; turns++) {
    }
}
