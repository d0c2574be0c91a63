/* SPDX-License-Identifier: MIT */
/* How cores wake each other, the only thing that CPU drivers share while they run: each has a bitmap of its
 * notification channels that all others may set bits in.
 *
 *    summary   ┌─┬─┬─┬─ ... ─┐   bit w: word w may be non-zero
 *              └┬┴─┴─┴─ ... ─┘
 *    bits       └▶ 64 words      bit c of all: channel c was signalled
 *    pending   an interrupt is on its way, and will find everything that is set by now
 *
 * Nothing is queued and nothing can overflow: a signal that finds its bit set is contained in the one that
 * set it. */
#ifndef MUDSKIPPER_KERNEL_WAKEUP_H
#define MUDSKIPPER_KERNEL_WAKEUP_H

#include <mudskipper/abi/cap.h>

#define WAKEUP_WORDS (CAP_NOTIFY_CHANNELS / 64u)

CLAIM(one_word_sums_up, WAKEUP_WORDS == 64);

struct wakeup {
    _Alignas(64) _Atomic uint64_t pending;
    _Atomic uint64_t summary;
    _Atomic uint64_t bits[WAKEUP_WORDS];
    _Atomic uint64_t up; /* the core takes interrupts; those before it does look for it in the bitmap */
};

/* Any core: `channel` of core `core`, whose bitmap `w` is. */
void wakeup_signal(struct wakeup *w, coreid_t core, unsigned channel);

/* The core itself, when it comes up: signals from before are found by the next wakeup_take. */
void wakeup_begin(struct wakeup *w);

/* The core itself, on the interrupt: calls `each` for every channel signalled since the last time. */
void wakeup_take(struct wakeup *w, void (*each)(void *context, unsigned channel), void *context);

/* The walker: while no core is in any of these, what was signalled will be looked at. What is wrong, in
 * words; NULL: nothing. */
const char *wakeup_check(const struct wakeup *w);

#endif
