/* SPDX-License-Identifier: MIT */
/* Changes to an input, the same for the same random numbers. */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

#define INPUT_MAX 65536u

struct input {
    uint8_t bytes[INPUT_MAX];
    size_t size;
};

/* Changes `input` in one to four places; `other` is what pieces are taken from. */
void mutate(struct input *input, const struct input *other, uint64_t *random);

uint64_t mutate_random(uint64_t *random);

#endif
