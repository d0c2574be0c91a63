/* SPDX-License-Identifier: MIT */
/* Two processes made of the same program, with one page of memory between them. The first is the machine's
 * first and only program (init=NAME); it starts the second from the boot archive. */
#ifndef TESTS_PROGRAMS_TWINS_H
#define TESTS_PROGRAMS_TWINS_H

#include <mudskipper/abi/types.h>

struct twin_page {
    volatile uint64_t here[2]; /* counted up by each: seen by tools as what it is, a signal */
    uint64_t plain;
    _Atomic uint64_t atomic;
    volatile uint64_t places[2]; /* of something in each, from the start of its image */
    volatile uint64_t values[2]; /* and what it holds */
};

/* Returns in both: the page, and which one this is (0, 1). The second comes into being here. A step that
 * fails ends the machine with status 2. */
struct twin_page *twins_begin(int argc, char **argv, unsigned *self);

/* Until the other's count has grown by `times`, without a system call; `step` is done again and again. */
void twins_meet(struct twin_page *page, unsigned self, unsigned times, void (*step)(struct twin_page *));

#endif
