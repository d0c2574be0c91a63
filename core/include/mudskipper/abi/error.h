/* SPDX-License-Identifier: MIT */
/* err_t: what went wrong, and what was being done when it did.
 *
 *    63          48 47          32 31          16 15           0
 *   +--------------+--------------+--------------+--------------+
 *   |   code[3]    |   code[2]    |   code[1]    |   code[0]    |   x12   code[0] is the cause, each further
 *   +--------------+--------------+--------------+--------------+         one the context around it
 *   |              detail, typed by code[0]                     |   x13
 *   +-----------------------------------------------------------+
 *
 * Success is all codes zero. A fifth context replaces the outermost one: the cause is never lost.
 * The idea of error stacks is Barrelfish's; the fixed two-register size is ours, so that every reply has it.
 */
#ifndef MUDSKIPPER_ABI_ERROR_H
#define MUDSKIPPER_ABI_ERROR_H

#include <mudskipper/abi/types.h>

enum err_code {
#define ERROR(name, number, sentence) ERR_##name = (number),
#include <mudskipper/abi/errors.def>
#undef ERROR
};

typedef struct err {
    uint16_t code[4];
    uint64_t detail;
} err_t;

CLAIM(an_error_fits_two_registers, sizeof(err_t) == 16);

/* Every function that returns an err_t carries this: a forgotten error is a warning, and warnings are errors.
 */
#define MUST_USE __attribute__((warn_unused_result))

#define OK ((err_t){{ERR_OK, 0, 0, 0}, 0})

static inline bool err_ok(err_t e)
{
    return e.code[0] == ERR_OK;
}

static inline bool err_is(err_t e, enum err_code cause)
{
    return e.code[0] == (uint16_t)cause;
}

/* Nothing was wrong but that something is used up for now: memory, or slots, which are made of it. */
static inline bool err_is_shortage(err_t e)
{
    return err_is(e, ERR_NO_MEMORY) || err_is(e, ERR_CAP_SLOTS_EXHAUSTED);
}

static inline err_t err_make(enum err_code cause, uint64_t detail)
{
    return (err_t){{(uint16_t)cause, 0, 0, 0}, detail};
}

/* Adds context around an error; success stays success. */
static inline err_t err_push(err_t e, enum err_code context)
{
    if (err_ok(e)) {
        return e;
    }
    for (unsigned i = 1; i < 4; i++) {
        if (e.code[i] == 0 || i == 3) {
            e.code[i] = (uint16_t)context;
            break;
        }
    }
    return e;
}

/* The four codes as they travel in one register. */
static inline uint64_t err_pack(err_t e)
{
    return (uint64_t)e.code[0] | (uint64_t)e.code[1] << 16 | (uint64_t)e.code[2] << 32 |
           (uint64_t)e.code[3] << 48;
}

static inline err_t err_unpack(uint64_t codes, uint64_t detail)
{
    return (err_t){
        {(uint16_t)codes, (uint16_t)(codes >> 16), (uint16_t)(codes >> 32), (uint16_t)(codes >> 48)}, detail};
}

#endif
