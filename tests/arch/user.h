/* SPDX-License-Identifier: MIT */
/* Programs of the port's tests: code that is copied into pages, with one page of data. */
#ifndef TESTS_ARCH_USER_H
#define TESTS_ARCH_USER_H

#include <mudskipper/abi/types.h>
#include <mudskipper/abi/syscall.h>

/* The flag of user_hold lies so far behind the data, in a page that may be missing. */
#define USER_FLAG_DISTANCE 0x10000ull

#define USER_HOLD_WORDS 192u

struct user_data {
    uint64_t gate;             /* 0x00 */
    uint64_t wide;             /* 0x08: vector registers have their full width (port.h) */
    uint64_t address;          /* 0x10 */
    uint64_t result;           /* 0x18 */
    volatile uint64_t counter; /* 0x20 */
    uint64_t count;            /* 0x28 */
    uint64_t stride;           /* 0x30 */
    uint64_t number;           /* 0x38: of the system call that ends the program's part */
    uint64_t args[SYS_ARGS];   /* 0x40 */
    double two;                /* 2.0: constants would lie outside of the copied code */
    uint64_t reserved[9];
    uint64_t in[USER_HOLD_WORDS];  /* 0x100 */
    uint64_t out[USER_HOLD_WORDS]; /* 0x700 */
};

CLAIM(in_at_0x100, offsetof(struct user_data, in) == 0x100);
CLAIM(out_at_0x700, offsetof(struct user_data, out) == 0x700);
CLAIM(user_data_fits_a_page, sizeof(struct user_data) <= PAGE_SIZE);

/* Code that programs run lies in a section of its own, to be copied as a whole. */
#define USER_CODE __attribute__((section("user_code"), used, noinline))

/* Each ends with system calls with number d->number, for ever. */
void user_call(struct user_data *d);    /* passes d->args, puts back what comes */
void user_read(struct user_data *d);    /* d->result = the word at d->address */
void user_write(struct user_data *d);   /* the word at d->address = d->result */
void user_jump(struct user_data *d);    /* d->result = the function at d->address */
void user_spin(struct user_data *d);    /* counts in d->counter; does not end */
void user_compute(struct user_data *d); /* d->result = number of wrong results of d->count computations */
void user_touch(
    struct user_data *d); /* adds 1 to d->count words, d->stride apart; d->result = their old sum */
void user_recurse(struct user_data *d); /* runs off its stack */

/* By the port. user_hold: puts d->in into all registers, waits until the word at d + USER_FLAG_DISTANCE is
 * not 0, stores the registers to d->out. */
void user_syscall(uint64_t gate, uint64_t *args);
void user_hold(struct user_data *d);
void user_illegal(struct user_data *d);
void user_breakpoint(struct user_data *d);

#endif
