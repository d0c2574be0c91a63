/* SPDX-License-Identifier: MIT */
#include "user.h"

USER_CODE static void end(struct user_data *d)
{
    for (;;) {
        d->args[SYS_ARG_NUMBER] = d->number;
        user_syscall(d->gate, d->args);
    }
}

USER_CODE void user_call(struct user_data *d)
{
    for (;;) {
        user_syscall(d->gate, d->args);
    }
}

USER_CODE void user_read(struct user_data *d)
{
    d->result = *(volatile uint64_t *)d->address;
    end(d);
}

USER_CODE void user_write(struct user_data *d)
{
    *(volatile uint64_t *)d->address = d->result;
    end(d);
}

USER_CODE void user_jump(struct user_data *d)
{
    d->result = ((uint64_t(*)(void))d->address)();
    end(d);
}

USER_CODE void user_spin(struct user_data *d)
{
    for (;;) {
        d->counter++;
    }
}

/* Newton's square root of n * n, in registers: a lost bit of FP state makes it wrong. */
USER_CODE static double root(double square, double guess, double two)
{
    for (int i = 0; i < 60; i++) {
        guess = (guess + square / guess) / two;
    }
    return guess;
}

USER_CODE void user_compute(struct user_data *d)
{
    double two = d->two;
    uint64_t wrong = 0;

    for (uint64_t n = 1; n <= d->count; n++) {
        double exact = (double)(int64_t)n;

        wrong += root(exact * exact, exact + exact, two) != exact;
        d->counter++;
    }
    d->result = wrong;
    end(d);
}

USER_CODE void user_touch(struct user_data *d)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < d->count; i++) {
        volatile uint64_t *word = (uint64_t *)(d->address + i * d->stride);

        sum += *word;
        *word += 1;
    }
    d->result = sum;
    end(d);
}

USER_CODE static uint64_t deeper(uint64_t depth)
{
    volatile uint64_t room[64];

    room[0] = depth;
    return depth == UINT64_MAX ? 0 : deeper(depth + 1) + room[0];
}

USER_CODE void user_recurse(struct user_data *d)
{
    d->result = deeper(0);
    end(d);
}
