/* SPDX-License-Identifier: MIT */
#include "timer.h"
#include <mudskipper/hal/cpu.h>
#include <mudskipper/hal/time.h>
#include "sysreg.h"

#define SECOND UINT64_C(1000000000)

#define CTL_ENABLE (1u << 0)
#define CTL_STATUS (1u << 2)

#define PROGRAMS_READ_COUNTER (1u << 1) /* CNTKCTL_EL1.EL0VCTEN: CNTVCT_EL0 and CNTFRQ_EL0 */

/* x · mult / 2^shift, with a 128-bit product. mult has 64 significant bits, so that the result is the exact
 * one or one less for as long as it fits 64 bits: centuries. */
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

void timer_off(void)
{
    sysreg_write(cntv_ctl_el0, 0);
    barrier_isb(); /* Cache rule C8: the line is low before the interrupt is finished */
}

nanos_t hal_now(void)
{
    barrier_isb(); /* the counter may otherwise be read ahead of what happened before */
    return scaled(to_nanos, sysreg_read(cntvct_el0));
}

static void set_compare(nanos_t deadline)
{
    uint64_t ticks = scaled(to_ticks, deadline);

    while (ticks < UINT64_MAX && scaled(to_nanos, ticks) < deadline) {
        ticks++; /* rounding: three times at most, below 1 GHz */
    }
    sysreg_write(cntv_cval_el0, ticks);
    sysreg_write(cntv_ctl_el0, CTL_ENABLE);
}

/* The core with the chore takes the earlier of two deadlines. */
static struct {
    void (*chore)(void); /* NULL: none */
    coreid_t core;
    nanos_t period;
    nanos_t next;
    nanos_t kernels; /* what the kernel asked for on that core */
} chores = {.kernels = NANOS_NEVER};

static bool has_chore(void)
{
    return chores.chore != NULL && chores.core == hal_core_id();
}

void hal_timer_set(nanos_t deadline)
{
    if (has_chore()) {
        chores.kernels = deadline;
        deadline = deadline < chores.next ? deadline : chores.next;
    }
    if (deadline == NANOS_NEVER) {
        sysreg_write(cntv_ctl_el0, 0);
        return;
    }
    set_compare(deadline);
}

void timer_set_chore(void (*chore)(void), nanos_t period)
{
    chores.core = hal_core_id();
    chores.period = period;
    chores.next = hal_now() + period;
    chores.chore = chore;
    hal_timer_set(NANOS_NEVER);
}

/* An interrupt whose condition is gone was for a deadline that has been set anew. */
bool timer_interrupt(void)
{
    nanos_t now;

    if (!(sysreg_read(cntv_ctl_el0) & CTL_STATUS)) {
        return false;
    }
    timer_off();
    if (!has_chore()) {
        return true;
    }
    now = hal_now();
    if (now >= chores.next) {
        chores.chore();
        chores.next = now + chores.period;
    }
    if (now >= chores.kernels) {
        hal_timer_set(NANOS_NEVER); /* goes on with the chore alone */
        return true;
    }
    hal_timer_set(chores.kernels);
    return false;
}
