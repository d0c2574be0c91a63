/* SPDX-License-Identifier: MIT */
/* Memory and text without a C library. mem_* become the four functions every C compiler calls anyway (memcpy,
 * memmove, memset, memcmp); where no C library has them, core/pure/libc_mem.c does. */
#ifndef MUDSKIPPER_PURE_BYTES_H
#define MUDSKIPPER_PURE_BYTES_H

#include <mudskipper/abi/types.h>

/* Regions must not overlap. Any pointer is allowed when count is 0. */
static inline void mem_copy(void *to, const void *from, size_t count)
{
    if (count > 0) {
        __builtin_memcpy(to, from, count);
    }
}

/* Regions may overlap. */
static inline void mem_move(void *to, const void *from, size_t count)
{
    if (count > 0) {
        __builtin_memmove(to, from, count);
    }
}

static inline void mem_set(void *to, int byte, size_t count)
{
    if (count > 0) {
        __builtin_memset(to, byte, count);
    }
}

/* < 0, 0, > 0 as the first byte that differs does, compared as unsigned. */
static inline int mem_compare(const void *a, const void *b, size_t count)
{
    return count > 0 ? __builtin_memcmp(a, b, count) : 0;
}

static inline bool mem_equal(const void *a, const void *b, size_t count)
{
    return mem_compare(a, b, count) == 0;
}

/* True when all bytes are zero. */
bool mem_is_zero(const void *bytes, size_t count);

/* Little-endian numbers at any address. */
uint16_t mem_get16(const void *at);
uint32_t mem_get32(const void *at);
uint64_t mem_get64(const void *at);
void mem_put64(void *at, uint64_t value);

/* Of a decimal or hexadecimal digit, either case; UINT32_MAX for anything else. */
unsigned digit_value(char c);

/* NUL-terminated strings. */
size_t str_length(const char *s);
size_t str_length_max(const char *s, size_t max); /* reads at most max bytes */
int str_compare(const char *a, const char *b);    /* bytes as unsigned */
bool str_equal(const char *a, const char *b);
bool str_starts_with(const char *s, const char *prefix);
const char *str_find(const char *s,
                     char byte); /* first one; NULL when there is none. '\0' is found at the end */

/* Copies as much of `from` as fits, always NUL-terminated when size > 0; returns the length of `from`: it
 * fitted when the result is < size. */
size_t str_copy(char *to, size_t size, const char *from);

/* A piece of somebody's text: not NUL-terminated, not owned. */
struct text {
    const char *start;
    size_t length;
};

static inline struct text text_of(const char *s)
{
    return (struct text){s, str_length(s)};
}

bool text_equal(struct text a, struct text b);
bool text_is(struct text a, const char *s);

/* The whole text as a number: decimal, or hexadecimal after 0x. False when it is none, or above 2^64-1. */
bool text_number(struct text a, uint64_t *number);

/* As text_number, with k, M, G or T behind it: times 2^10, 2^20, 2^30, 2^40. */
bool text_size(struct text a, uint64_t *bytes);

#endif
