/* SPDX-License-Identifier: MIT */
/* Not a test: what tests/checkers lets the tools find, a block that nobody frees. */
#include <stdlib.h>

static void *volatile last;

int main(void)
{
    last = malloc(100);
    last = malloc(100);
    last = NULL;
    return 0;
}
