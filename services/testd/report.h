/* SPDX-License-Identifier: MIT */
/* The log channel of the tests: the service that is the output of a test program puts "testd: NAME: " before
 * each of its lines. One program at a time. */
#ifndef TESTD_REPORT_H
#define TESTD_REPORT_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>

/* Starts the thread that serves. Called once. */
MUST_USE err_t report_init(void);

/* From now on lines are `name`'s, which stays until report_end; `out`: the capability that becomes its
 * output, until then, too. */
MUST_USE err_t report_begin(const char *name, cptr_t *out);

/* The program has ended, so that nothing more comes: a line that it left open is closed. */
void report_end(void);

/* A line of testd's own; with a program, in its name. Up to 200 bytes. */
void report_line(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
