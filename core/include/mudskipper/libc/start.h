/* SPDX-License-Identifier: MIT */
/* How a program with the C library starts and ends.
 *
 *   _start (port) -> rt_start (rt) -> rt_main -> constructors -> main -> exit -> atexit, destructors, flush
 *                                                                            -> _exit -> libc_backend_exit
 *
 * rt calls rt_main once it can make system calls. This one is core/libc's; the plain one of core/rt calls
 * main and nothing else. The linker takes core/libc's because its object is linked as a whole, rt's stands in
 * an archive. */
#ifndef MUDSKIPPER_LIBC_START_H
#define MUDSKIPPER_LIBC_START_H

#include <mudskipper/abi/start.h>

/* Runs the program; returning is exiting with the code. With the C library it does not return. */
uint32_t rt_main(const struct start_block *start);

#endif
