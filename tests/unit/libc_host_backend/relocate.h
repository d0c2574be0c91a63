/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LIBC_HOST_BACKEND_RELOCATE_H
#define TESTS_LIBC_HOST_BACKEND_RELOCATE_H

/* Applies the program's own RELATIVE relocations. */
void relocate(void);

#endif
