/* SPDX-License-Identifier: MIT */
/* Device interrupt lines. */
#include "suite.h"

/* Nothing but what this core sends itself arrives. */
#define CHECK_QUIET()                                                                                        \
    do {                                                                                                     \
        hal_ipi(hal_core_id());                                                                              \
        RUN(IDLE);                                                                                           \
        CHECK_EQUAL(t->trap.cause, HAL_IPI);                                                                 \
    } while (0)

#define CHECK_IRQ()                                                                                          \
    do {                                                                                                     \
        RUN(IDLE);                                                                                           \
        CHECK_EQUAL(t->trap.cause, HAL_IRQ);                                                                 \
        CHECK_EQUAL(t->trap.irq, port_irq_line());                                                           \
    } while (0)

TEST(masked_at_start)
{
    BEGIN;
    CHECK(port_irq_line() < hal_irq_lines());
    port_irq_raise();
    CHECK_QUIET();
    hal_irq_unmask(port_irq_line());
    CHECK_IRQ();
    END;
}

TEST(masked_on_delivery)
{
    BEGIN;
    hal_irq_unmask(port_irq_line());
    port_irq_raise();
    CHECK_IRQ();
    CHECK_QUIET();
    port_irq_raise();
    CHECK_QUIET();
    hal_irq_unmask(port_irq_line());
    CHECK_IRQ();
    END;
}

TEST(mask_holds_back)
{
    BEGIN;
    hal_irq_unmask(port_irq_line());
    hal_irq_mask(port_irq_line());
    port_irq_raise();
    CHECK_QUIET();
    hal_irq_mask(port_irq_line());
    hal_irq_unmask(port_irq_line());
    CHECK_IRQ();
    END;
}

TEST(interrupts_a_program)
{
    static struct program p;

    BEGIN;
    program_make(&p, user_spin);
    for (t->round = 0; t->round < 20; t->round++) {
        hal_irq_unmask(port_irq_line());
        port_irq_raise();
        RUN(program_next(&p));
        CHECK_EQUAL(t->trap.cause, HAL_IRQ);
        CHECK_EQUAL(t->trap.irq, port_irq_line());
    }
    END;
}

TEST(several_raises_are_one)
{
    BEGIN;
    hal_irq_unmask(port_irq_line());
    port_irq_raise();
    port_irq_raise();
    CHECK_IRQ();
    END;
}

const struct test irq_tests[] = {
    {"HAL-IRQ-001", "a line is masked at start and keeps what was raised", 1, masked_at_start},
    {"HAL-IRQ-002", "a line is masked when it is delivered, until it is unmasked", 1, masked_on_delivery},
    {"HAL-IRQ-003", "a masked line does not interrupt and does not forget", 1, mask_holds_back},
    {"HAL-IRQ-004", "a line interrupts a program", 1, interrupts_a_program},
    {"HAL-IRQ-005", "lines are delivered one at a time", 1, several_raises_are_one},
    {0},
};
