/* SPDX-License-Identifier: MIT */
/* The smallest program: says who it is and ends. It prints the same bytes in every world. */
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>

static int calls = 1; /* in memory of its own: two instances never see each other's */

int main(int argc, char **argv)
{
    rt_print("hello from %s on core %u, argument count %d, calls %d\n", argv[0], rt_self()->core, argc,
             calls++);
    return 0;
}
