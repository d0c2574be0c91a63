/* SPDX-License-Identifier: MIT */
/* Why no wake-up is lost. All accesses are sequentially consistent, so they have one order.
 *
 *     signal                               take
 *     bits[w] |= bit       (1)             pending := 0        (5)
 *     summary |= word      (2)             s := summary := 0   (6)
 *     p := pending := 1    (3)             bits[w] := 0, for each w in s   (7)
 *     if p was 0: interrupt (4)
 *
 * A signal that did (3) and found 0 interrupts, and the take that the interrupt causes begins after (3): its
 * (6) and (7) come after (1) and (2). One that found 1 was preceded by another signal that found 0 after the
 * last (5): the take that this one's interrupt causes does its (5) after our (3), because (5) would have made
 * us find 0; so it, too, looks after (1) and (2). In both cases a word whose summary bit was taken away by an
 * earlier take, between (2) and now, was emptied by that one's (7), which came after (6), thus after (2) and
 * (1): it has got our bit.
 *
 * A signal that finds its bit set at (1) may stop there: whoever set it is between (1) and (4) or has passed
 * them, and no (7) has come since; the take that follows the other's (4) has its (7) after our (1). A channel
 * is told after (7): who then looks at what the signal is about sees what was written before (1).
 *
 * `up` is the same argument once more: (4) is left out only when the core has not set it; then its first
 * take, which comes after it has, finds the bit. */
#include "wakeup.h"
#include <stdatomic.h>
#include <mudskipper/hal/cpu.h>

void wakeup_signal(struct wakeup *w, coreid_t core, unsigned channel)
{
    uint64_t bit = (uint64_t)1 << channel % 64;
    uint64_t word = (uint64_t)1 << channel / 64;

    if (atomic_fetch_or(&w->bits[channel / 64], bit) & bit) {
        return;
    }
    atomic_fetch_or(&w->summary, word);
    if (atomic_exchange(&w->pending, 1) == 0 && atomic_load(&w->up) != 0) {
        hal_ipi(core);
    }
}

void wakeup_begin(struct wakeup *w)
{
    atomic_store(&w->up, 1);
}

static void take_word(struct wakeup *w, unsigned word, void (*each)(void *context, unsigned channel),
                      void *context)
{
    for (uint64_t bits = atomic_exchange(&w->bits[word], 0); bits != 0; bits &= bits - 1) {
        each(context, word * 64 + (unsigned)__builtin_ctzll(bits));
    }
}

void wakeup_take(struct wakeup *w, void (*each)(void *context, unsigned channel), void *context)
{
    atomic_store(&w->pending, 0);
    for (uint64_t words = atomic_exchange(&w->summary, 0); words != 0; words &= words - 1) {
        take_word(w, (unsigned)__builtin_ctzll(words), each, context);
    }
}

const char *wakeup_check(const struct wakeup *w)
{
    uint64_t summary = atomic_load(&w->summary);

    for (unsigned word = 0; word < WAKEUP_WORDS; word++) {
        if (atomic_load(&w->bits[word]) != 0 && (summary >> word & 1) == 0) {
            return "a channel was signalled where nobody will look";
        }
    }
    return summary != 0 && atomic_load(&w->pending) == 0 ? "a core was signalled and is not interrupted"
                                                         : NULL;
}
