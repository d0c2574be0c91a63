/* SPDX-License-Identifier: MIT */
/* Whether a program is started again. */
#include "pure_test.h"
#include "restart.h"

static void test_policies(void **state)
{
    (void)state;
    assert_false(restart_wanted(BOOT_RESTART_NEVER, true));
    assert_false(restart_wanted(BOOT_RESTART_NEVER, false));
    assert_false(restart_wanted(BOOT_RESTART_ON_FAILURE, true));
    assert_true(restart_wanted(BOOT_RESTART_ON_FAILURE, false));
    assert_true(restart_wanted(BOOT_RESTART_ALWAYS, true));
    assert_true(restart_wanted(BOOT_RESTART_ALWAYS, false));
}

static void test_storm(void **state)
{
    struct restarts r = {0};

    (void)state;
    for (unsigned i = 0; i < RESTARTS_MAX; i++) {
        assert_true(restart_allowed(&r, 1000 + i));
    }
    assert_false(restart_allowed(&r, 2000));
    assert_false(restart_allowed(&r, 1000 + RESTARTS_WITHIN));
}

static void test_calm(void **state)
{
    struct restarts r = {0};
    nanos_t now = 5;

    (void)state;
    for (unsigned i = 0; i < 100; i++) { /* a little less often than is too often */
        assert_true(restart_allowed(&r, now));
        now += RESTARTS_WITHIN / RESTARTS_MAX + 1;
    }
}

static void test_after_storm(void **state)
{
    struct restarts r = {0};

    (void)state;
    for (unsigned i = 0; i < RESTARTS_MAX; i++) {
        assert_true(restart_allowed(&r, 0));
    }
    assert_false(restart_allowed(&r, RESTARTS_WITHIN));
    assert_true(restart_allowed(&r, RESTARTS_WITHIN + 1)); /* a new count */
    assert_int_equal(r.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("INIT-RESTART-001 each policy says when it wants a restart", test_policies),
        TEST("INIT-RESTART-002 more than five within ten seconds is a storm", test_storm),
        TEST("INIT-RESTART-003 ends that are far enough apart go on for ever", test_calm),
        TEST("INIT-RESTART-004 when the time is over, counting begins anew", test_after_storm),
    };

    return cmocka_run_group_tests_name("init_restart", tests, NULL, NULL);
}
