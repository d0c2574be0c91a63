/* SPDX-License-Identifier: MIT */
/* Walkers over slots, tables and transient states. */
#include <mudskipper/cap/check.h>
#include <mudskipper/cap/map.h>
#include "priv.h"

#define FINE                                                                                                 \
    (struct cap_report)                                                                                      \
    {                                                                                                        \
        NULL, NULL                                                                                           \
    }

static struct cap_report wrong(const char *what, const struct cap_slot *where)
{
    return (struct cap_report){what, where};
}

/* The first of the copies stands for the object. */
static bool is_first_copy(const struct cap_slot *s)
{
    return s->prev == NULL || !mdb_is_copy(s, s->prev);
}

/* The slots in the object's own memory. */
static struct cap_outside slots_in(const struct cap_core *core, const struct cap_slot *s)
{
    unsigned count = 0;
    const struct cap_slot *slots = NULL;

    if (cap_type_has(s->type, CAP_TRAIT_CNODE)) {
        return (struct cap_outside){cap_memory_at(core, s->base), s->size / CAP_SLOT_BYTES};
    }
    if (cap_type_has(s->type, CAP_TRAIT_HOLDER) && !is_sender(s)) {
        slots = core->ops->held(core->context, s, &count);
    }
    return (struct cap_outside){slots, count};
}

static bool is_in_tree(const struct cap_core *core, const struct cap_slot *s)
{
    if (s->parent == NULL) {
        return core->db.root == s;
    }
    return s->parent->left == s || s->parent->right == s;
}

static struct cap_report count_slots(const struct cap_core *core, const struct cap_outside *area,
                                     uint64_t *used)
{
    for (uint64_t i = 0; i < area->count; i++) {
        const struct cap_slot *s = &area->slots[i];

        if (s->type == CAP_TYPE_NULL) {
            if (s->parent != NULL || s->prev != NULL || s->next != NULL || s->flags != 0) {
                return wrong("an empty slot is not empty", s);
            }
            continue;
        }
        if (!is_in_tree(core, s)) {
            return wrong("a slot in use is not in the tree", s);
        }
        ++*used;
    }
    return FINE;
}

struct cap_report cap_validate_slots(const struct cap_core *core, const struct cap_outside *outside)
{
    uint64_t used = 0;
    struct cap_report r = count_slots(core, outside, &used);

    for (const struct cap_slot *s = mdb_first(&core->db); s != NULL && r.wrong == NULL; s = s->next) {
        struct cap_outside area = slots_in(core, s);

        if (is_first_copy(s) && !(s->flags & CAP_FLAG_CREATING)) {
            r = count_slots(core, &area, &used);
        }
    }
    if (r.wrong == NULL && used != core->db.count) {
        return wrong("slots of the tree lie where nobody looks", NULL);
    }
    return r;
}

/* Entries of one Mapping in their table. */
static struct cap_report check_mapping(const struct cap_core *core, const struct cap_slot *m)
{
    const pte_t *entries = (const pte_t *)cap_memory_at(core, cap_mapping_table(m)) + cap_mapping_first(m);
    uint64_t address = m->base + cap_mapping_object_offset(m);

    if (cap_mapping_first(m) + cap_mapping_count(m) > PT_ENTRIES) {
        return wrong("a Mapping reaches beyond its table", m);
    }
    for (unsigned i = 0; i < cap_mapping_count(m); i++) {
        struct pt_leaf leaf;

        if (m->flags & CAP_FLAG_LINK) {
            if (entries[i] != pt_table(m->base) || cap_mapping_count(m) != 1) {
                return wrong("an entry does not link the table it should", m);
            }
            continue;
        }
        if (!pt_decode(entries[i], m->level, &leaf) || leaf.address != address || leaf.kernel) {
            return wrong("an entry is not the one its Mapping made", m);
        }
        if (leaf.address < m->base || leaf.address + leaf.bytes > cap_end(m)) {
            return wrong("an entry points outside its object", m);
        }
        if ((leaf.rights & ~(unsigned)m->rights) != 0 ||
            (leaf.rights & (CAP_WRITE | CAP_EXECUTE)) == (CAP_WRITE | CAP_EXECUTE)) {
            return wrong("an entry gives too many rights", m);
        }
        address += leaf.bytes;
    }
    return FINE;
}

/* `first` is the first capability to a table: capabilities come first in its ring, then Mappings. */
static struct cap_report check_table(const struct cap_core *core, const struct cap_slot *first)
{
    const pte_t *entries = cap_memory_at(core, first->base);
    const struct cap_slot *last = mdb_last_copy(&core->db, first);
    const struct cap_slot *link = table_link(last);
    const struct cap_slot *s = first;
    unsigned mapped = 0;
    unsigned used = 0;

    if (link != NULL &&
        (link->next != NULL && link->next->type == CAP_TYPE_MAPPING && cap_same_range(link, link->next))) {
        return wrong("a table is linked twice", first);
    }
    for (; s != last; s = s->vnode.ring_next) {
        if (s->vnode.ring_next != s->next || s->next->vnode.ring_prev != s) {
            return wrong("a ring does not follow the order", s);
        }
    }
    for (s = last->vnode.ring_next; s != first; s = s->vnode.ring_next) {
        struct cap_report r;

        if (s->type != CAP_TYPE_MAPPING || cap_mapping_table(s) != first->base ||
            s->vnode.ring_next->vnode.ring_prev != s || s->level != cap_table_level(first->type)) {
            return wrong("a ring holds what does not belong there", s);
        }
        if (first->type != CAP_TYPE_VNODE_L0 && link == NULL) {
            return wrong("a table that is not linked is not empty", first);
        }
        r = check_mapping(core, s);
        if (r.wrong != NULL) {
            return r;
        }
        mapped += cap_mapping_count(s);
    }
    for (unsigned i = 0; i < PT_ENTRIES; i++) {
        used += entries[i] != 0;
    }
    return used == mapped ? FINE : wrong("a table has entries that no Mapping knows", first);
}

struct cap_report cap_validate_tables(const struct cap_core *core)
{
    struct cap_report r = FINE;
    uint64_t inside = 0;
    uint64_t all = 0;

    for (const struct cap_slot *s = mdb_first(&core->db); s != NULL && r.wrong == NULL; s = s->next) {
        if (s->type == CAP_TYPE_MAPPING) {
            all++;
        }
        if (cap_type_has(s->type, CAP_TRAIT_TABLE) && !(s->flags & CAP_FLAG_CREATING) && is_first_copy(s)) {
            r = check_table(core, s);
            for (const struct cap_slot *m = s->vnode.ring_next; r.wrong == NULL && m != s;
                 m = m->vnode.ring_next) {
                inside += m->type == CAP_TYPE_MAPPING;
            }
        }
    }
    if (r.wrong == NULL && inside != all) {
        return wrong("a Mapping is in no table", NULL);
    }
    return r;
}

static struct cap_report check_list(const struct cap_slot *list, unsigned flags, unsigned not_flags,
                                    uint64_t *count)
{
    const struct cap_slot *prev = NULL;

    for (const struct cap_slot *s = list; s != NULL; prev = s, s = s->container.work_next) {
        if (s->container.work_prev != prev || (s->flags & (flags | not_flags)) != flags) {
            return wrong("the work list is broken", s);
        }
        if (mdb_has_copies(s)) {
            return wrong("a capability in deletion has copies", s);
        }
        ++*count;
    }
    return FINE;
}

struct cap_report cap_validate_states(const struct cap_core *core, bool at_rest)
{
    const unsigned transient = CAP_FLAG_LOCKED | CAP_FLAG_IN_DELETION | CAP_FLAG_HOME | CAP_FLAG_CREATING;
    uint64_t listed = 0;
    uint64_t marked = 0;
    struct cap_report r =
        check_list(core->evicted, CAP_FLAG_IN_DELETION, CAP_FLAG_HOME | CAP_FLAG_QUARANTINED, &listed);

    if (r.wrong == NULL) {
        r = check_list(core->dying, CAP_FLAG_IN_DELETION | CAP_FLAG_HOME, CAP_FLAG_QUARANTINED, &listed);
    }
    if (r.wrong == NULL) {
        r = check_list(core->stalled, CAP_FLAG_IN_DELETION | CAP_FLAG_QUARANTINED, 0, &listed);
    }
    for (const struct cap_slot *s = mdb_first(&core->db); s != NULL && r.wrong == NULL; s = s->next) {
        if (at_rest && (s->flags & transient) != 0 && !(s->flags & CAP_FLAG_QUARANTINED)) {
            return wrong("a transient state at rest", s);
        }
        marked += (s->flags & CAP_FLAG_IN_DELETION) != 0;
    }
    if (r.wrong == NULL && marked != listed) {
        return wrong("the work list is not what is in deletion", NULL);
    }
    return r;
}

/* The first of the copies says who shares. */
static const char *check_sharers(const struct cap_core *core, const struct cap_slot *s)
{
    uint64_t all = core->cores < 64 ? ((uint64_t)1 << core->cores) - 1 : UINT64_MAX;

    if (s->owner != core->id) {
        coreid_t owner = core->ops->owner(core->context, s->base, s->size);

        if (s->sharers != 0 || s->crossed == 0) {
            return "what another core owns counts sharers, or came from nowhere";
        }
        return owner != s->owner && owner != CAP_OWNED_BY_NOBODY
                   ? "what one core owns is said to be another's"
                   : NULL;
    }
    if ((s->sharers == 0) != (s->crossed == 0)) {
        return "what has crossed has no sharers, or the other way round";
    }
    return (s->sharers & ((uint64_t)1 << core->id)) != 0 || (s->sharers & ~all) != 0
               ? "a sharer is no other core"
               : NULL;
}

static const char *check_crossing(const struct cap_core *core, const struct cap_slot *s)
{
    if (!cap_type_has(s->type, CAP_TRAIT_CROSSES)) {
        bool crossed =
            s->owner != core->id || s->crossed != 0 || (s->type != CAP_TYPE_MAPPING && s->sharers != 0);

        return crossed ? "a type that does not cross has crossed" : NULL;
    }
    if (is_first_copy(s)) {
        return check_sharers(core, s);
    }
    if (s->sharers != 0 || s->crossed != 0) {
        return "a copy that is not the first says who shares";
    }
    return s->owner == s->prev->owner ? NULL : "two copies have two owners";
}

struct cap_report cap_validate_sharing(const struct cap_core *core)
{
    for (const struct cap_slot *s = mdb_first(&core->db); s != NULL; s = s->next) {
        const char *what = check_crossing(core, s);

        if (what != NULL) {
            return wrong(what, s);
        }
    }
    return FINE;
}

struct cap_report cap_validate(const struct cap_core *core, const struct cap_outside *outside, bool at_rest)
{
    struct cap_report r;

    r.wrong = mdb_validate(&core->db, &r.where);
    if (r.wrong == NULL) {
        r = cap_validate_slots(core, outside);
    }
    if (r.wrong == NULL) {
        r = cap_validate_tables(core);
    }
    if (r.wrong == NULL) {
        r = cap_validate_sharing(core);
    }
    if (r.wrong == NULL) {
        r = cap_validate_states(core, at_rest);
    }
    return r;
}
