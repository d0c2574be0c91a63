/* SPDX-License-Identifier: MIT */
#include "../port.h"
#include <mudskipper/hal/irq.h>
#include "../../../arch/aarch64/gic/gic.h"
#include "../../../platform/common/mmio.h"

#define GICD_ISPENDR 0x200u

/* x0 .. x28, TPIDR_EL0, v0 .. v31 (user.S). */
unsigned port_hold_words(void)
{
    return 30 + 64;
}

uint64_t port_wide_vectors(void)
{
    return 0;
}

void port_save_area_set(struct save_area *area, uint64_t pc, uint64_t sp, uint64_t argument)
{
    area->pc = pc;
    area->sp = sp;
    area->x[0] = argument;
}

/* mov w0, #value; ret */
unsigned port_function(void *code, unsigned short value)
{
    uint32_t *words = code;

    words[0] = 0x52800000u | (uint32_t)value << 5;
    words[1] = 0xd65f03c0u;
    return 8;
}

/* The last one: no machine we know has a device there. */
uint32_t port_irq_line(void)
{
    return hal_irq_lines() - 1;
}

void port_irq_raise(void)
{
    mmio_write32(gic_distributor + GICD_ISPENDR + port_irq_line() / 32 * 4, 1u << port_irq_line() % 32);
}

void port_expect_bad_access(bool expected)
{
    (void)expected;
}
