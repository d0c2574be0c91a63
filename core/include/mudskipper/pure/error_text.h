/* SPDX-License-Identifier: MIT */
/* Words for errors, from abi/errors.def. */
#ifndef MUDSKIPPER_PURE_ERROR_TEXT_H
#define MUDSKIPPER_PURE_ERROR_TEXT_H

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/format.h>

/* "CAP_EMPTY_SLOT" and "slot %s is empty", the place of the detail as it stands in errors.def. NULL for a
 * number that is none of the list. */
const char *err_name(uint16_t code);
const char *err_sentence(uint16_t code);

/* The list itself, in its order, index 0 first: the name, and *code. NULL behind the last. */
const char *err_name_at(size_t index, uint16_t *code);

/* A chain, outermost context first: "cannot spawn: cannot load program: ELF: not an ELF file". The detail is
 * printed in the cause; a context that has a place for one shows ? there. A number that is none of the list
 * prints as "error N". Returns the number of bytes; the one into a buffer NUL-terminates and cuts off as
 * format_to does. */
size_t err_format(format_sink_t sink, void *context, err_t error);
size_t err_print(char *buffer, size_t size, err_t error);

#endif
