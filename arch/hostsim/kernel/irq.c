/* SPDX-License-Identifier: MIT */
/* Interrupt lines of simulated devices. A line's state is one word that device threads and cores change
 * without locks:
 *
 *   raise: PENDING          unmask: ENABLED          both set → POSTED alone, and the owner is told
 *   the owner takes it: POSTED cleared, the kernel enters with HAL_IRQ; the line stays masked
 *   mask: ENABLED and POSTED cleared; what was posted is PENDING again */
#include "sim.h"

#define PENDING 1u
#define ENABLED 2u
#define POSTED  4u

struct line {
    _Atomic uint32_t state;
    _Atomic coreid_t owner;
    bool (*active)(void); /* level of the device; NULL: edges only */
};

static struct line lines[SIM_IRQ_LINES];

uint32_t hal_irq_lines(void)
{
    return SIM_IRQ_LINES;
}

static void deliver(uint32_t number)
{
    uint32_t both = PENDING | ENABLED;

    if (atomic_compare_exchange_strong(&lines[number].state, &both, POSTED)) {
        struct sim_core *core = &sim.cores[atomic_load(&lines[number].owner)];

        atomic_fetch_or(&core->irqs, (uint64_t)1 << number);
        sim_core_post(core, SIM_EVENT_IRQ);
    }
}

void sim_irq_attach(uint32_t line, bool (*active)(void))
{
    lines[line] = (struct line){.active = active};
}

void sim_irq_raise(uint32_t line)
{
    atomic_fetch_or(&lines[line].state, PENDING);
    deliver(line);
}

void hal_irq_unmask(uint32_t line)
{
    if (line >= SIM_IRQ_LINES) {
        return;
    }
    atomic_store(&lines[line].owner, sim_this_core->id);
    atomic_fetch_or(&lines[line].state, ENABLED);
    if (lines[line].active != NULL && lines[line].active()) {
        atomic_fetch_or(&lines[line].state, PENDING);
    }
    deliver(line);
}

void hal_irq_mask(uint32_t line)
{
    uint32_t state;

    if (line >= SIM_IRQ_LINES) {
        return;
    }
    state = atomic_load(&lines[line].state);
    while (!atomic_compare_exchange_weak(&lines[line].state, &state,
                                         (state & POSTED) != 0 ? PENDING : state & PENDING)) {
    }
}

/* The lowest posted line of this core. False: the one that was posted has been masked meanwhile. */
bool sim_irq_take(struct sim_core *core, uint32_t *number)
{
    uint64_t posted = atomic_load(&core->irqs);
    uint32_t state;
    uint32_t line;

    if (posted == 0) {
        return false;
    }
    line = (uint32_t)__builtin_ctzll(posted);
    posted = atomic_fetch_and(&core->irqs, ~((uint64_t)1 << line)) & ~((uint64_t)1 << line);
    if (posted != 0) {
        atomic_fetch_or(&core->pending, SIM_EVENT_IRQ);
    }
    state = atomic_fetch_and(&lines[line].state, ~POSTED);
    *number = line;
    return (state & POSTED) != 0;
}
