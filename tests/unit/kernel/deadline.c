/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../core/kernel/deadline.h"

#define NODES 500u

/* KERNEL-DEADLINE-001 */
static void the_earliest_comes_first(void **state)
{
    struct deadline_queue q;
    struct deadline nodes[3];

    (void)state;
    deadline_queue_init(&q);
    assert_true(deadline_next(&q) == NANOS_NEVER);
    for (unsigned i = 0; i < 3; i++) {
        deadline_init(&nodes[i]);
        deadline_set(&q, &nodes[i], 30 - 10 * i);
    }
    assert_int_equal(deadline_next(&q), 10);
    assert_null(deadline_take_due(&q, 9));
    assert_ptr_equal(deadline_take_due(&q, 30), &nodes[2]);
    assert_ptr_equal(deadline_take_due(&q, 30), &nodes[1]);
    assert_ptr_equal(deadline_take_due(&q, 30), &nodes[0]);
    assert_null(deadline_take_due(&q, NANOS_NEVER));
}

/* KERNEL-DEADLINE-002 */
static void never_is_not_queued_and_clearing_twice_is_harmless(void **state)
{
    struct deadline_queue q;
    struct deadline d;

    (void)state;
    deadline_queue_init(&q);
    deadline_init(&d);
    deadline_set(&q, &d, NANOS_NEVER);
    assert_true(deadline_next(&q) == NANOS_NEVER);
    deadline_set(&q, &d, 5);
    deadline_clear(&q, &d);
    deadline_clear(&q, &d);
    assert_true(deadline_next(&q) == NANOS_NEVER);
}

static nanos_t earliest(const struct deadline nodes[NODES])
{
    nanos_t first = NANOS_NEVER;

    for (unsigned i = 0; i < NODES; i++) {
        first = nodes[i].when < first ? nodes[i].when : first;
    }
    return first;
}

/* KERNEL-DEADLINE-003: 20,000 random operations against a search of all nodes. */
static void random_operations_agree_with_a_search(void **state)
{
    static struct deadline nodes[NODES];
    struct deadline_queue q;

    (void)state;
    srand(1);
    deadline_queue_init(&q);
    for (unsigned i = 0; i < NODES; i++) {
        deadline_init(&nodes[i]);
    }
    for (unsigned step = 0; step < 20000; step++) {
        struct deadline *d = &nodes[(unsigned)rand() % NODES];

        if (step % 7 == 0 && earliest(nodes) != NANOS_NEVER) {
            nanos_t first = earliest(nodes);
            struct deadline *due = deadline_take_due(&q, first);

            assert_non_null(due);
            assert_true(due->when == NANOS_NEVER);
        } else if (d->when == NANOS_NEVER) {
            deadline_set(&q, d, (nanos_t)rand() % 1000);
        } else {
            deadline_clear(&q, d);
        }
        assert_true(deadline_next(&q) == earliest(nodes));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_comes_first),
        cmocka_unit_test(never_is_not_queued_and_clearing_twice_is_harmless),
        cmocka_unit_test(random_operations_agree_with_a_search),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
