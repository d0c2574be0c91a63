/* SPDX-License-Identifier: MIT */
/* Tests that run inside the system: assertions named as cmocka's, TAP on the standard output (without one, on
 * the log), plan first. One program per suite:
 *
 *     static void copies(void) { assert_ok(cap_copy(a, b)); }
 *     SUITE_MAIN({"CAP-COPY-001", "a copy names the same memory", copies}, ...)
 *
 * A failed assertion ends its test; the others still run. The program's exit code is the number of failed
 * tests. */
#ifndef TESTS_CONFORMANCE_SYSTEM_SUITE_H
#define TESTS_CONFORMANCE_SYSTEM_SUITE_H

#include <mudskipper/abi/error.h>
#include <mudskipper/rt/process.h>

struct suite_test {
    const char *id;
    const char *claim;
    void (*run)(void);
};

/* Says more about an assertion that failed, before its test ends; NULL: there is no more to say. */
extern void (*suite_tell)(void);

int suite_run(const struct suite_test *tests, unsigned count);

/* Ends the running test with a comment that says where and what. */
_Noreturn void suite_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void suite_assert_error(const char *file, int line, const char *text, err_t got, enum err_code wanted);
void suite_assert_equal(const char *file, int line, const char *text, uint64_t got, uint64_t wanted);
void suite_assert_range(const char *file, int line, const char *text, uint64_t got, uint64_t least,
                        uint64_t most);
void suite_assert_bytes(const char *file, int line, const char *text, const void *got, const void *wanted,
                        size_t bytes);
void suite_assert_string(const char *file, int line, const char *text, const char *got, const char *wanted);

#define fail_msg(...) suite_fail(__FILE__, __LINE__, __VA_ARGS__)

#define assert_true(condition)                                                                               \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            suite_fail(__FILE__, __LINE__, "%s", #condition);                                                \
        }                                                                                                    \
    } while (0)
#define assert_false(condition)            assert_true(!(condition))
#define assert_ok(call)                    suite_assert_error(__FILE__, __LINE__, #call, (call), ERR_OK)
#define assert_error(call, cause)          suite_assert_error(__FILE__, __LINE__, #call, (call), ERR_##cause)
#define assert_int_equal(value, wanted)    suite_assert_equal(__FILE__, __LINE__, #value, (value), (wanted))
#define assert_int_not_equal(value, other) assert_true((value) != (other))
#define assert_ptr_equal(value, wanted)                                                                      \
    suite_assert_equal(__FILE__, __LINE__, #value, (uintptr_t)(value), (uintptr_t)(wanted))
#define assert_ptr_not_equal(value, other) assert_true((value) != (other))
#define assert_null(pointer)               assert_ptr_equal(pointer, NULL)
#define assert_non_null(pointer)           assert_true((pointer) != NULL)
#define assert_in_range(value, least, most)                                                                  \
    suite_assert_range(__FILE__, __LINE__, #value, (value), (least), (most))
#define assert_string_equal(text, wanted) suite_assert_string(__FILE__, __LINE__, #text, (text), (wanted))
#define assert_memory_equal(at, wanted, bytes)                                                               \
    suite_assert_bytes(__FILE__, __LINE__, #at, (at), (wanted), (bytes))

#define SUITE_MAIN(...)                                                                                      \
    int main(void)                                                                                           \
    {                                                                                                        \
        static const struct suite_test tests[] = {__VA_ARGS__};                                              \
        return suite_run(tests, ARRAY_LENGTH(tests));                                                        \
    }

#endif
