/* SPDX-License-Identifier: MIT */
/* The C library's conformance program: every line it prints is the same in both worlds, and the same as
 * glibc's but for those in differences.txt. So nothing here prints an address, a message of the library, a
 * locale's name or a NaN's sign, and nothing depends on the time, on where memory lies or on the order that
 * the C standard leaves open. */
#ifndef TESTS_CONFORMANCE_LIBC_CONF_H
#define TESTS_CONFORMANCE_LIBC_CONF_H

#include <stddef.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Formats into a buffer and prints the length, too: "3|abc|". */
void show(const char *format, ...);

/* Prints "title: yes" or "title: NO". */
void claim(const char *title, int holds);

/* Pseudo-random numbers, the same everywhere (Marsaglia's xorshift64). */
uint64_t next_random(void);

/* FNV-1a, continued over bytes: many results in one line. */
#define HASH_START UINT64_C(14695981039346656037)
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count);
uint64_t hash_string(uint64_t hash, const char *string);

/* The topics, in this order. */
void conf_printf(void);
void conf_numbers(void);
void conf_string(void);
void conf_stdlib(void);
void conf_math(void);
void conf_time(void);
void conf_stdio(void);

#endif
