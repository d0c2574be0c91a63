/* SPDX-License-Identifier: MIT */
#include "suite.h"
#include <stdarg.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/thread.h>
#include <mudskipper/vspace/self.h>

#define TEST_STACK_BYTES 65536u

/* Each test runs in a thread of its own, so that a failed assertion can leave it from any depth. */
static struct thread test_thread;
static _Alignas(16) unsigned char test_stack[TEST_STACK_BYTES];
static bool failed;

void (*suite_tell)(void);

_Noreturn void suite_fail(const char *file, int line, const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    format_args_to(text, sizeof(text), format, args);
    va_end(args);
    rt_print("# %s:%d: %s\n", file, line, text);
    if (suite_tell != NULL) {
        suite_tell();
    }
    failed = true;
    thread_exit();
}

void suite_assert_error(const char *file, int line, const char *text, err_t got, enum err_code wanted)
{
    char why[128];

    if (!err_is(got, wanted)) {
        err_print(why, sizeof(why), got);
        suite_fail(file, line, "%s: %s, wanted %s", text, why, err_sentence((uint16_t)wanted));
    }
}

void suite_assert_equal(const char *file, int line, const char *text, uint64_t got, uint64_t wanted)
{
    if (got != wanted) {
        suite_fail(file, line, "%s is %lu (0x%lx), wanted %lu (0x%lx)", text, got, got, wanted, wanted);
    }
}

void suite_assert_range(const char *file, int line, const char *text, uint64_t got, uint64_t least,
                        uint64_t most)
{
    if (got < least || got > most) {
        suite_fail(file, line, "%s is %lu, wanted %lu .. %lu", text, got, least, most);
    }
}

void suite_assert_bytes(const char *file, int line, const char *text, const void *got, const void *wanted,
                        size_t bytes)
{
    const unsigned char *a = got;
    const unsigned char *b = wanted;

    for (size_t i = 0; i < bytes; i++) {
        if (a[i] != b[i]) {
            suite_fail(file, line, "%s: byte %zu is 0x%02x, wanted 0x%02x", text, i, a[i], b[i]);
        }
    }
}

void suite_assert_string(const char *file, int line, const char *text, const char *got, const char *wanted)
{
    if (!str_equal(got, wanted)) {
        suite_fail(file, line, "%s is \"%s\", wanted \"%s\"", text, got, wanted);
    }
}

static void run(void *argument)
{
    ((const struct suite_test *)argument)->run();
}

/* What a test leaves behind has to be in order, whatever it was about. Suites that are the first program of
 * their machine put capabilities where they like. */
static void say(void *at_begin, const char *bytes, size_t count)
{
    bool *begin = at_begin;

    for (size_t i = 0; i < count; i++) {
        rt_print("%s%c", *begin ? "# " : "", bytes[i]);
        *begin = bytes[i] == '\n';
    }
}

static bool is_in_order(void)
{
    bool begin = true;
    struct cap_identity core_server;

    return !err_ok(cap_identify(SLOT_INIT, &core_server)) || self_check(say, &begin) == 0;
}

int suite_run(const struct suite_test *tests, unsigned count)
{
    int failures = 0;

    rt_print("1..%u\n", count);
    for (unsigned i = 0; i < count; i++) {
        failed = false;
        thread_start(&test_thread, tests[i].id, test_stack, sizeof(test_stack), run,
                     (void *)(uintptr_t)&tests[i]);
        thread_join(&test_thread);
        failed = !is_in_order() || failed;
        failures += failed;
        rt_print("%sok %u - %s %s\n", failed ? "not " : "", i + 1, tests[i].id, tests[i].claim);
    }
    return failures;
}
