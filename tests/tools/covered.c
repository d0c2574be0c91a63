/* SPDX-License-Identifier: MIT */
/* A program for tests of what coverage says: comments tell which lines run. Built for this host and for a
 * machine. */

static volatile int seen; /* 0 */

__attribute__((noinline)) static int chosen(int what)
{
    if (what != 0) { /* runs */
        seen = what; /* does not run */
        return 3;    /* does not run */
    }
    return seen; /* runs */
}

__attribute__((noinline, used)) static int never_called(int what)
{
    return what * 7; /* does not run */
}

__attribute__((noinline, section(".text.left_out"))) int left_out_by_the_linker(int what)
{
    return what + 9; /* does not run */
}

int covered(int what);

int covered(int what)
{
    /* `seen` for compilers that would write the loop out: its line would have no instruction. */
    for (int i = 0; i < 3 + seen; i++) { /* runs */
        what += chosen(what);            /* runs */
    }
    return what; /* runs */
}

#ifdef COVERED_MAIN
int main(void)
{
    return covered(0);
}
#endif
