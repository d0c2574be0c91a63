/* SPDX-License-Identifier: MIT */
/* What a port says of a save area that it took over: nothing that a program may not choose is the program's.
 */
#ifndef TESTS_FUZZ_SAVE_AREA_H
#define TESTS_FUZZ_SAVE_AREA_H

#include <mudskipper/hal/context.h>

/* Once, before the first. */
void save_area_begin(void);

/* `from` is what the program had written, c what the port made of it. */
void save_area_check(const struct save_area *from, struct hal_context *c);

#endif
