/* SPDX-License-Identifier: MIT */
/* Recurses until its stack is used up. */
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>

static volatile bool stop; /* never */

static int deeper(volatile char *above)
{
    volatile char here[512];

    here[0] = (char)(above[0] + 1);
    if (stop) {
        return 0;
    }
    return deeper(here) + here[0];
}

int main(void)
{
    volatile char first[1] = {0};

    rt_print("stack-overflow: about to recurse\n");
    return deeper(first);
}
