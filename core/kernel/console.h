/* SPDX-License-Identifier: MIT */
/* The kernel's use of the console: before a driver takes it, and in a panic. Lines of different cores do not
 * mix. */
#ifndef MUDSKIPPER_KERNEL_CONSOLE_H
#define MUDSKIPPER_KERNEL_CONSOLE_H

#include <mudskipper/abi/types.h>

/* Whether kernel lines (not programs' lines) are shown: the word `verbose` of the command line. */
void console_set_verbose(bool verbose);

/* A driver has the console: only a panic writes. Or none has it any more. */
void console_give_away(bool to_driver);

/* One whole line of the kernel; shown when verbose. */
void console_kernel_line(const char *text, size_t count);

/* Output of a program that writes to the log; shown always. */
void console_program_text(const char *text, size_t count);

/* Last words, whole: who comes later with its own waits for the machine's end. */
void console_last_line(const char *text, size_t count);

/* In a panic: takes the console from whoever has it. */
void console_panic_begin(void);
void console_panic_text(const char *text, size_t count);

#endif
