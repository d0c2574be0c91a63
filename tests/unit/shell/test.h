/* SPDX-License-Identifier: MIT */
/* What the shell's test programs share: cmocka, and tests that are rows of a table. */
#ifndef SHELL_TEST_H
#define SHELL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test_memory.h"

/* Runs `function` once per row, as a test of its own; a row begins with its name, "SHELL-EDIT-003 what it
 * says". Then the tests in `more`. One group, as cmocka's TAP wants it. */
static inline int run_rows(const void *rows, size_t row_bytes, size_t row_count, CMUnitTestFunction function,
                           const struct CMUnitTest *more, size_t more_count)
{
    size_t count = row_count + more_count;
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));

    for (size_t i = 0; i < row_count; i++) {
        char *row = (char *)rows + i * row_bytes;
        tests[i] = (struct CMUnitTest){
            .name = *(const char *const *)(void *)row, .test_func = function, .initial_state = row};
    }
    if (more_count > 0) {
        memcpy(tests + row_count, more, more_count * sizeof(*tests));
    }
    int failed = _cmocka_run_group_tests("shell", tests, count, NULL, NULL);
    free(tests);
    return failed;
}

#define TEST(name, function)                                                                                 \
    {                                                                                                        \
        name, function, NULL, NULL, NULL                                                                     \
    }

#endif
