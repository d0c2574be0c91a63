/* SPDX-License-Identifier: MIT */
/* The nameserver's own books, checked against each other: names, services, calls, and what every process has.
 */
#ifndef NAMES_CHECK_H
#define NAMES_CHECK_H

#include <mudskipper/abi/types.h>

/* How many mistakes there are; 0, always. Each is told to the log. */
uint64_t books_check(void);

#endif
