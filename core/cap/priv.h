/* SPDX-License-Identifier: MIT */
/* Between the files of the operations. */
#ifndef MUDSKIPPER_CAP_PRIV_H
#define MUDSKIPPER_CAP_PRIV_H

#include <mudskipper/cap/core.h>
#include <mudskipper/cap/operations.h>

/* ---- slots ---- */

/* Empties a slot that is in no tree, ring or list. */
static inline void slot_clear(struct cap_slot *s)
{
    *s = (struct cap_slot){.type = CAP_TYPE_NULL};
}

/* The half that says what a capability is, without flags and state of its own. `to` is empty. */
static inline void slot_copy(struct cap_slot *to, const struct cap_slot *from)
{
    to->type = from->type;
    to->rights = from->rights;
    to->flags = 0;
    to->owner = from->owner;
    to->generation = from->generation;
    to->base = from->base;
    to->size = from->size;
    to->word[0] = from->word[0];
    to->word[1] = from->word[1];
    to->word[2] = from->word[2];
}

/* Other cores have copies of what this, the first of the copies here, names. */
static inline bool is_shared(const struct cap_core *core, const struct cap_slot *s)
{
    return s->sharers != 0 && cap_type_has(s->type, CAP_TRAIT_CROSSES) && s->owner == core->id;
}

/* Can this slot take a capability of the type? CAP_SLOT_IN_USE, CAP_IN_DELETION, CAP_L1_HOLDS_CNODES. */
err_t dest_check(const struct cap_ref *dest, unsigned type) MUST_USE;

/* What only the owning core may do while no other core holds copies: CAP_FOREIGN, CAP_SHARED. */
err_t alone_check(const struct cap_core *core, const struct cap_slot *s) MUST_USE;

/* Moves everything but the type's own links. `to` is empty, `from` is afterwards. */
void slot_move(struct cap_core *core, struct cap_slot *from, struct cap_slot *to);

/* Of an endpoint: a sender's badged capability, not the endpoint itself. */
static inline bool is_sender(const struct cap_slot *s)
{
    return s->type == CAP_TYPE_ENDPOINT_LMP && s->endpoint.badge != 0;
}

/* Some other copy of `s` on this core; NULL: there is none. */
static inline struct cap_slot *other_copy(const struct cap_slot *s)
{
    if (s->next != NULL && mdb_is_copy(s, s->next)) {
        return s->next;
    }
    return s->prev != NULL && mdb_is_copy(s, s->prev) ? s->prev : NULL;
}

/* ---- rings of tables ---- */

static inline void ring_start(struct cap_slot *s)
{
    s->vnode.ring_next = s;
    s->vnode.ring_prev = s;
}

static inline void ring_insert(struct cap_slot *behind, struct cap_slot *s)
{
    s->vnode.ring_prev = behind;
    s->vnode.ring_next = behind->vnode.ring_next;
    s->vnode.ring_next->vnode.ring_prev = s;
    behind->vnode.ring_next = s;
}

static inline void ring_remove(struct cap_slot *s)
{
    s->vnode.ring_prev->vnode.ring_next = s->vnode.ring_next;
    s->vnode.ring_next->vnode.ring_prev = s->vnode.ring_prev;
}

static inline bool in_ring(const struct cap_slot *s)
{
    return s->type == CAP_TYPE_MAPPING ||
           (cap_type_has(s->type, CAP_TRAIT_TABLE) && !(s->flags & CAP_FLAG_CREATING));
}

/* The Mapping that links this table into another one. NULL: none, or it is a root. `last` is the last of its
 * copies. */
static inline struct cap_slot *table_link(const struct cap_slot *last)
{
    struct cap_slot *n = last->next;

    return n != NULL && n->type == CAP_TYPE_MAPPING && cap_same_range(n, last) ? n : NULL;
}

/* Some Mapping in the table; NULL: it is empty. `last` is the last of its copies. */
static inline struct cap_slot *table_content(const struct cap_slot *last)
{
    struct cap_slot *n = last->vnode.ring_next;

    return n->type == CAP_TYPE_MAPPING ? n : NULL;
}

/* ---- deletion ---- */

/* Deletes something that has to go for `s` to go, at last `s` itself or (an object that holds slots) puts it
 * on the work list. `s` is not empty and not in deletion. False: other cores have copies of what would have
 * to go; nothing has changed. */
bool delete_step(struct cap_core *core, struct cap_slot *s, int *budget);

/* What other cores have copies of and delete_step would have to end; NULL: nothing. */
const struct cap_slot *delete_obstacle(const struct cap_core *core, const struct cap_slot *s);

/* Takes `s`, on which nothing depends any more, out of tree and ring; tells of the memory that becomes
 * unused. */
void slot_finish(struct cap_core *core, struct cap_slot *s);

/* Clears entries of a Mapping from its end. True when none is left. */
bool mapping_clear(struct cap_core *core, struct cap_slot *m, int *budget);

/* Puts the last capability to an object that holds slots on the work list. False: it holds none. */
bool work_add(struct cap_core *core, struct cap_slot *s);

/* Some capability is no longer shared, or no longer the last one: objects that waited for that go on. */
void work_resume(struct cap_core *core);

#endif
