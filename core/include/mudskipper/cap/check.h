/* SPDX-License-Identifier: MIT */
/* The walkers: is all that is known about capabilities consistent? Callable in every build, between
 * operations and between steps of operations. They change nothing. O(n log n) and more: for debug builds,
 * tests and simulation. */
#ifndef MUDSKIPPER_CAP_CHECK_H
#define MUDSKIPPER_CAP_CHECK_H

#include <mudskipper/cap/core.h>

/* Slots that lie in no object: the kernel's own. */
struct cap_outside {
    const struct cap_slot *slots;
    uint64_t count;
};

struct cap_report {
    const char *wrong;            /* in words; NULL: nothing is */
    const struct cap_slot *where; /* may be NULL */
};

/* Everything below, after mdb_validate. `at_rest`: no operation is under way and the work list has been
 * drained. */
struct cap_report cap_validate(const struct cap_core *core, const struct cap_outside *outside, bool at_rest);

/* C2, C10, C11: the slots in use in all CNodes, objects that hold slots, and outside are exactly those in the
 * tree. */
struct cap_report cap_validate_slots(const struct cap_core *core, const struct cap_outside *outside);

/* M6, M7, M8, M9, M12: entries of all tables are exactly what Mappings say, point into their objects within
 * their rights, never writable and executable at once; a table is linked once, at its level; rings
 * are whole. */
struct cap_report cap_validate_tables(const struct cap_core *core);

/* C12, C13: what is in deletion is the last of its kind and on the work list once; at rest nothing is
 * transient. */
struct cap_report cap_validate_states(const struct cap_core *core, bool at_rest);

/* C14: the first of the copies of what crosses says which other cores share it, or that another one owns it;
 * nothing is shared that does not cross, nothing is foreign that is this core's own. */
struct cap_report cap_validate_sharing(const struct cap_core *core);

#endif
