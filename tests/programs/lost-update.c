/* SPDX-License-Identifier: MIT */
/* A control for the deterministic machine: two threads add to one word without a lock. Leaves with 1 when an
 * update was lost. */
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/thread.h>

#define UPDATES 20000u

static volatile unsigned count;
static struct thread threads[2];
static _Alignas(16) unsigned char stacks[2][8192];

static __attribute__((noinline)) unsigned one_more(unsigned than)
{
    return than + 1;
}

static void update(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < UPDATES; i++) {
        unsigned seen = count;

        count = one_more(seen); /* another may have come in between */
    }
}

int main(void)
{
    for (unsigned i = 0; i < 2; i++) {
        thread_start(&threads[i], "update", stacks[i], sizeof(stacks[i]), update, NULL);
    }
    for (unsigned i = 0; i < 2; i++) {
        thread_join(&threads[i]);
    }
    return count == 2 * UPDATES ? 0 : 1;
}
