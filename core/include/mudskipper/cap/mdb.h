/* SPDX-License-Identifier: MIT */
/* The mapping database of one core: all its non-empty slots in one order, as an AVL tree threaded with
 * neighbour links, with the largest end per subtree.
 *
 * The order: base ascending; size descending; rank (captypes.def); generation; word 0; type; word 1 — the
 * last four as far as the type's equality counts them. Therefore
 *   - copies stand side by side; among them the order means nothing, so that a copy goes beside its source;
 *   - an ancestor stands before its descendants, and those of an ancestor stand in one piece behind its
 * copies.
 *
 *     base ──▶
 *     PhysAddr ├───────────────────────────────────────────────┤
 *     RAM      ├──────────────────────────────┤
 *     Frame    ├────────┤    ├───────┤                  in order: PhysAddr RAM Frame Mapping Frame Frame
 * Mapping Mapping  ├────────┤ Frame       ├─────┤  (retyped from the Frame)
 *
 * Ranges are nested, equal or disjoint (C4): who inserts sees to it. Not a general container (pure/tree.h
 * is): nodes are the slots of the ABI, insertion beside a known node needs no comparison, and nothing is
 * called back. The idea of one ordered tree with range queries is Barrelfish's; the threads and parent links
 * are ours.
 *
 * No function allocates, recurses or reports errors. O(1): neighbours, comparisons, replace; amortised O(1),
 * at worst O(log n): insert_beside, insert_before, remove; O(log n): the rest. */
#ifndef MUDSKIPPER_CAP_MDB_H
#define MUDSKIPPER_CAP_MDB_H

#include <mudskipper/abi/cap_slot.h>
#include <mudskipper/cap/types.h>

struct mdb {
    struct cap_slot *root;
    struct cap_slot *last; /* in order */
    uint64_t count;
    coreid_t core; /* what others own may have lost what it was made from: only mdb_validate looks */
};

void mdb_init(struct mdb *db);

static inline uint64_t cap_end(const struct cap_slot *s)
{
    return s->base + s->size;
}

static inline bool cap_same_range(const struct cap_slot *a, const struct cap_slot *b)
{
    return a->base == b->base && a->size == b->size;
}

/* In order; NULL at the ends. */
static inline struct cap_slot *mdb_successor(const struct cap_slot *s)
{
    return s->next;
}

static inline struct cap_slot *mdb_predecessor(const struct cap_slot *s)
{
    return s->prev;
}

struct cap_slot *mdb_first(const struct mdb *db);

/* < 0: a stands before b. 0: they are copies. */
int mdb_order(const struct cap_slot *a, const struct cap_slot *b);

/* Two slots that name the same thing, whatever their rights. */
static inline bool mdb_is_copy(const struct cap_slot *a, const struct cap_slot *b)
{
    unsigned equality;

    if (a->base != b->base || a->type != b->type || a->size != b->size) {
        return false;
    }
    equality = cap_types[a->type].equality;
    return (!(equality & CAP_EQUAL_GEN) || a->generation == b->generation) &&
           (!(equality & CAP_EQUAL_W0) || a->word[0] == b->word[0]) &&
           (!(equality & CAP_EQUAL_W1) || a->word[1] == b->word[1]);
}

/* The next function for two of the same range. */
bool mdb_is_descendant_within(const struct cap_slot *a, const struct cap_slot *d);

/* Does d descend from a? Both are in the tree. */
static inline bool mdb_is_descendant(const struct cap_slot *a, const struct cap_slot *d)
{
    if (d->base < a->base || cap_end(d) > cap_end(a)) {
        return false;
    }
    return cap_same_range(a, d) ? mdb_is_descendant_within(a, d) : cap_type_has(a->type, CAP_TRAIT_NESTS);
}

/* `s` is filled in and not in the tree: finds its place. */
void mdb_insert(struct mdb *db, struct cap_slot *s);

/* The same; the place is right behind `source` (a copy of it, or known otherwise). */
void mdb_insert_beside(struct mdb *db, struct cap_slot *source, struct cap_slot *s);

/* The same; right before `next`, or at the end when that is NULL. */
void mdb_insert_before(struct mdb *db, struct cap_slot *next, struct cap_slot *s);

/* The same; somewhere behind `source`, probably near. */
void mdb_insert_near(struct mdb *db, struct cap_slot *source, struct cap_slot *s);

/* `s` leaves the tree; its links become NULL. */
void mdb_remove(struct mdb *db, struct cap_slot *s);

/* `to`, an empty slot, takes the place of `from`; the tree's links are all that is copied. */
void mdb_replace(struct mdb *db, struct cap_slot *from, struct cap_slot *to);

/* The end of `s` was brought nearer without changing its place in the order. */
void mdb_shrunk(struct cap_slot *s);

/* Has it copies on this core? */
static inline bool mdb_has_copies(const struct cap_slot *s)
{
    return (s->next != NULL && mdb_is_copy(s, s->next)) || (s->prev != NULL && mdb_is_copy(s, s->prev));
}

bool mdb_has_descendants(const struct mdb *db, const struct cap_slot *s);

/* The last copy of s in order (s itself when there is none). */
struct cap_slot *mdb_last_copy(const struct mdb *db, const struct cap_slot *s);

/* The first one. */
struct cap_slot *mdb_first_copy(const struct mdb *db, const struct cap_slot *s);

/* A copy of `like`, which is not in the tree; NULL: there is none. */
struct cap_slot *mdb_find_copy(const struct mdb *db, const struct cap_slot *like);

/* One that [base, base+bytes) would cross: neither contains the other, but they overlap. NULL: none. */
struct cap_slot *mdb_find_crossing(const struct mdb *db, uint64_t base, uint64_t bytes);

/* The last of the copies of `s` and of what is mapped of `s` itself: behind it stands what was retyped from
 * it. */
struct cap_slot *mdb_last_own(const struct mdb *db, const struct cap_slot *s);

/* The first slot behind `s` in order whose end lies beyond `point`. */
struct cap_slot *mdb_next_reaching(const struct cap_slot *s, uint64_t point);

/* The last slot before `s` in order whose end lies beyond `point`. */
struct cap_slot *mdb_prev_reaching(const struct cap_slot *s, uint64_t point);

/* The first capability in the order that overlaps [base, base+bytes); NULL: there is none. */
struct cap_slot *mdb_find_range(const struct mdb *db, uint64_t base, uint64_t bytes);

/* The nearest ancestor of `s`, the last of its copies. NULL: none. */
struct cap_slot *mdb_parent(const struct mdb *db, const struct cap_slot *s);

/* Checks shape, balance, links, order, cached ends (C1), legal parents (C3), nesting (C4, C5), and count.
 * Returns what is wrong in words, and in *where the slot, or NULL. O(n log n). */
const char *mdb_validate(const struct mdb *db, const struct cap_slot **where);

/* Shows every slot in order, with its depth below its ancestors. */
typedef void (*mdb_dump_t)(void *context, const struct cap_slot *s, unsigned depth);
void mdb_dump(const struct mdb *db, mdb_dump_t show, void *context);

#endif
