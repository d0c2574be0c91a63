/* SPDX-License-Identifier: MIT */
/* Who runs next on this core: strict priority between levels, round robin with slices within one. Lower
 * levels may starve by contract. The policy lives behind this header; the build chooses the file. */
#ifndef MUDSKIPPER_KERNEL_SCHEDULE_H
#define MUDSKIPPER_KERNEL_SCHEDULE_H

#include <mudskipper/abi/types.h>
#include <mudskipper/pure/list.h>

#define SCHEDULE_LEVELS   32u /* 31 is the most urgent */
#define SCHEDULE_SLICE_NS ((nanos_t)10 * 1000 * 1000)

struct dispatcher;

struct schedule {
    uint32_t ready; /* bit l: queue[l] is not empty */
    struct list queue[SCHEDULE_LEVELS];
};

void schedule_init(struct schedule *s);

/* A runnable dispatcher joins its level, behind the others or, when it was interrupted in its slice, before
 * them. */
void schedule_add(struct schedule *s, struct dispatcher *d);
void schedule_add_front(struct schedule *s, struct dispatcher *d);
void schedule_remove(struct schedule *s, struct dispatcher *d);

/* The one to run now, or NULL; it stays in its queue. */
struct dispatcher *schedule_first(const struct schedule *s);

/* `d` is first on its level: whether another one waits there for its slice to end. */
bool schedule_has_rival(const struct schedule *s, const struct dispatcher *d);

/* The slice of `d` is over: it goes behind the others of its level. */
void schedule_rotate(struct schedule *s, struct dispatcher *d);

#endif
