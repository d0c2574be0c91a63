/* SPDX-License-Identifier: MIT */
/* Typed values of a service's interface, as people write and read them.
 *
 *   bool         true false
 *   u8 … i64     42  -7  0x2a
 *   text         as it stands
 *   bytes        hex digits behind 0x, or text as it stands
 *   cap          cannot be written; read as "capability"
 */
#ifndef SHELL_VALUE_H
#define SHELL_VALUE_H

#include "buffer.h"
#include "system.h"

/* "u32". */
const char *type_name(enum system_type type);

/* Reads `word` as a value of that type. NULL: good; otherwise what is wrong with it, to be put behind the
 * word: "is not a number". Bytes in hexadecimal are put into `bytes`, which must live as long as the value;
 * other values borrow `word`. */
const char *value_read(enum system_type type, const char *word, struct buffer *bytes,
                       struct system_value *value);

/* Appends the value as people read it. */
bool value_put(struct buffer *to, const struct system_value *value);

/* "add(a: u32, b: u32) -> (sum: u32)". */
bool method_put(struct buffer *to, const struct system_method *method);

#endif
