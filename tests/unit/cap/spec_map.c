/* SPDX-License-Identifier: MIT */
/* Tables and Mappings. */
#include "spec_priv.h"
#include <stdlib.h>
#include <string.h>

#define RWX ((unsigned)CAP_READ | CAP_WRITE | CAP_EXECUTE)

static const struct spec_cap *link_of(const struct spec *s, const struct spec_cap *table)
{
    for (EACH(c, s)) {
        if (c->type == CAP_TYPE_MAPPING && same_range(c, table)) {
            return c;
        }
    }
    return NULL;
}

pte_t spec_entry(const struct spec *s, uint64_t table, unsigned index)
{
    for (EACH(c, s)) {
        if (c->type == CAP_TYPE_MAPPING && c->table == table && index >= c->first &&
            index < c->first + c->count) {
            unsigned i = index - c->first;
            uint64_t address = c->base + c->offset + i * pt_entry_bytes(c->level);

            return c->entry_rights == NULL ? pt_table(c->base)
                                           : pt_leaf(c->level, address, c->entry_rights[i], c->memory);
        }
    }
    return 0;
}

/* Everything about a map but where the table stands. */
static err_t check_map(const struct spec *s, const struct spec_cap *t, const struct spec_cap *o,
                       const struct ref *table, const struct ref *object, const struct spec_cap *m,
                       unsigned rights)
{
    uint64_t bytes = pt_entry_bytes(m->level);
    bool link = has(o, CAP_TRAIT_TABLE);

    REFUSE(!(t->rights & CAP_WRITE), CAP_MISSING_RIGHT, table->address);
    REFUSE(link && (o->type == CAP_TYPE_VNODE_L0 || o->type != t->type + 1), MAP_WRONG_LEVEL, m->level);
    REFUSE(link && link_of(s, o) != NULL, MAP_ALREADY, object->address);
    REFUSE(!link && !has(o, CAP_TRAIT_MAPPED), CAP_WRONG_TYPE, object->address);
    REFUSE(!link && m->level < 2, MAP_WRONG_LEVEL, m->level);
    REFUSE(m->count == 0 || (link && m->count != 1), OUT_OF_RANGE, m->count);
    REFUSE(m->first >= 512 || m->first + m->count > 512, MAP_BEYOND_TABLE, m->first);
    REFUSE(link && m->offset != 0, MAP_BEYOND_FRAME, m->offset);
    REFUSE(link && rights != 0, MAP_RIGHTS, rights);
    if (link) {
        return OK;
    }
    REFUSE((o->base + m->offset) % bytes != 0, MAP_UNALIGNED, m->offset);
    REFUSE(m->offset > o->size || m->count * bytes > o->size - m->offset, MAP_BEYOND_FRAME, m->offset);
    REFUSE((rights & ~RWX) != 0 || (rights & CAP_READ) == 0, MAP_IMPOSSIBLE, rights);
    REFUSE(rights & ~o->rights, MAP_RIGHTS, rights & ~o->rights);
    return pt_check_leaf(m->level, o->base + m->offset, rights, m->memory);
}

err_t invoke_map(struct spec *s, uint64_t own, const struct ref *table, uint64_t *args)
{
    const struct spec_cap *t = spec_at(s, table->place);
    uint64_t how = args[5] >> 8;
    struct spec_cap m = {
        .type = CAP_TYPE_MAPPING, .table = t->base, .level = t->type - CAP_TYPE_VNODE_L0, .offset = args[4]};
    unsigned rights = (unsigned)args[5] & 0xff;
    const struct spec_cap *o;
    const struct spec_cap *link;
    struct ref object;
    struct ref to;
    uint64_t root;
    uint64_t span;

    TRY(named_root(s, own, args[1], &root));
    TRY(source(s, root, args[2], &object));
    TRY(destination(s, own, &args[6], &to));
    REFUSE(how > 1, BAD_ARGUMENT, 5);
    o = spec_at(s, object.place);
    m.first = args[3] >> 32 ? UINT32_MAX : (unsigned)args[3] & 0xffff;
    m.count = (unsigned)(args[3] >> 16) & 0xffff;
    m.memory = o->type == CAP_TYPE_DEV_FRAME ? PT_MEMORY_DEVICE : PT_MEMORY_NORMAL;
    m.memory = how == 1 ? PT_MEMORY_WRITE_COMBINING : m.memory;
    TRY(check_map(s, t, o, table, &object, &m, rights));
    link = link_of(s, t);
    REFUSE(t->type != CAP_TYPE_VNODE_L0 && link == NULL, MAP_UNLINKED, table->address);
    m.root = link == NULL ? t->base : link->root;
    m.at = (link == NULL ? 0 : link->at) + m.first * pt_entry_bytes(m.level);
    span = has(o, CAP_TRAIT_TABLE) ? 1 : m.count * pt_entry_bytes(m.level);
    REFUSE(m.at + span > s->machine.vspace_bytes, MAP_OUTSIDE, m.at);
    for (unsigned i = m.first; i < m.first + m.count; i++) {
        REFUSE(spec_entry(s, t->base, i) != 0, MAP_ENTRY_IN_USE, i);
    }
    TRY(can_take(s, &to, CAP_TYPE_MAPPING));
    m.place = to.place;
    m.base = o->base;
    m.size = o->size;
    m.generation = o->generation;
    m.rights = CAP_IDENTIFY | (has(o, CAP_TRAIT_TABLE) ? 0 : o->rights & RWX);
    if (!has(o, CAP_TRAIT_TABLE)) {
        m.entry_rights = malloc(m.count);
        memset(m.entry_rights, (int)rights, m.count);
    }
    spec_add(s, &m);
    return OK;
}

err_t invoke_protect(struct spec *s, const struct ref *target, uint64_t *args)
{
    struct spec_cap *m = spec_at(s, target->place);
    uint64_t first = args[1] >> 32 ? UINT32_MAX : args[1] & 0xffff;
    uint64_t count = args[1] >> 16 & 0xffff;
    uint64_t rights = args[2] > CAP_ALL_RIGHTS ? UINT32_MAX : args[2];

    REFUSE(m->entry_rights == NULL, CAP_WRONG_TYPE, target->address);
    REFUSE(count == 0 || first + count > m->count, OUT_OF_RANGE, count);
    REFUSE((rights & ~(uint64_t)RWX) != 0 || (rights & CAP_READ) == 0, MAP_IMPOSSIBLE, rights);
    REFUSE(rights & ~(uint64_t)m->rights, MAP_RIGHTS, rights & ~(uint64_t)m->rights);
    TRY(pt_check_leaf(m->level, m->base + m->offset, (unsigned)rights, m->memory));
    memset(m->entry_rights + first, (int)rights, count);
    args[1] = first + count;
    return OK;
}

err_t invoke_split(struct spec *s, uint64_t own, const struct ref *target, uint64_t *args)
{
    struct spec_cap *m = spec_at(s, target->place);
    uint64_t at = args[1] > 512 ? 512 : args[1];
    struct spec_cap n = *m;
    struct ref to;

    TRY(destination(s, own, &args[2], &to));
    REFUSE(m->entry_rights == NULL, CAP_WRONG_TYPE, target->address);
    REFUSE(at == 0 || at >= m->count, OUT_OF_RANGE, at);
    TRY(can_take(s, &to, CAP_TYPE_MAPPING));
    n.place = to.place;
    n.first += (unsigned)at;
    n.count -= (unsigned)at;
    n.offset += at * pt_entry_bytes(m->level);
    n.at += at * pt_entry_bytes(m->level);
    n.entry_rights = malloc(n.count);
    memcpy(n.entry_rights, m->entry_rights + at, n.count);
    m->count = (unsigned)at;
    spec_add(s, &n);
    return OK;
}
