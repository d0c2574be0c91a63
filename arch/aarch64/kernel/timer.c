/* SPDX-License-Identifier: MIT */
#include "timer.h"
#include <mudskipper/hal/time.h>
#include "sysreg.h"

#define SECOND UINT64_C(1000000000)

#define CTL_ENABLE (1u << 0)
#define CTL_STATUS (1u << 2)

#define PROGRAMS_READ_COUNTER (1u << 1) /* CNTKCTL_EL1.EL0VCTEN: CNTVCT_EL0 and CNTFRQ_EL0 */

/* x · mult / 2^shift, with a 128-bit product. mult has 64 significant bits, so that the result is the exact one or one
 * less for as long as it fits 64 bits: centuries. */
struct scale {
    uint64_t mult;
    unsigned shift;
};

uint32_t timer_line;
static struct scale to_nanos;
static struct scale to_ticks;

/* numerator / denominator, both below 2^63, by long division. */
static struct scale scale_of(uint64_t numerator, uint64_t denominator)
{
    struct scale s = {numerator / denominator, 0};
    uint64_t rest = numerator % denominator;

    while (s.mult >> 63 == 0) {
        rest <<= 1;
        s.mult <<= 1;
        if (rest >= denominator) {
            rest -= denominator;
            s.mult |= 1;
        }
        s.shift++;
    }
    return s;
}

/* Saturates. */
static uint64_t scaled(struct scale s, uint64_t x)
{
    unsigned __int128 result = (unsigned __int128)x * s.mult >> s.shift;

    return result > UINT64_MAX ? UINT64_MAX : (uint64_t)result;
}

void timer_init(uint64_t frequency, uint32_t line)
{
    timer_line = line;
    to_nanos = scale_of(SECOND, frequency);
    to_ticks = scale_of(frequency, SECOND);
}

void timer_setup(void)
{
    sysreg_write(cntkctl_el1, PROGRAMS_READ_COUNTER);
    timer_off();
}

bool timer_expired(void)
{
    return sysreg_read(cntv_ctl_el0) & CTL_STATUS;
}

void timer_off(void)
{
    sysreg_write(cntv_ctl_el0, 0);
    barrier_isb(); /* the line is low before the interrupt is finished */
}

nanos_t hal_now(void)
{
    barrier_isb(); /* the counter may otherwise be read ahead of what happened before */
    return scaled(to_nanos, sysreg_read(cntvct_el0));
}

void hal_timer_set(nanos_t deadline)
{
    uint64_t ticks;

    if (deadline == NANOS_NEVER) {
        sysreg_write(cntv_ctl_el0, 0);
        return;
    }
    ticks = scaled(to_ticks, deadline);
    while (ticks < UINT64_MAX && scaled(to_nanos, ticks) < deadline) {
        ticks++; /* rounding: three times at most, below 1 GHz */
    }
    sysreg_write(cntv_cval_el0, ticks);
    sysreg_write(cntv_ctl_el0, CTL_ENABLE);
}
