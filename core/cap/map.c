/* SPDX-License-Identifier: MIT */
/* Mappings: check and make, change, split, take away. */
#include <mudskipper/cap/map.h>
#include "priv.h"

/* Entries written or cleared in one action. */
#define CHUNK 32u

/* Entries that are looked at anew, and then written, when a map goes on. */
#define STEP_ENTRIES (2 * CHUNK)

#define MAP_RIGHTS ((unsigned)CAP_READ | CAP_WRITE | CAP_EXECUTE)

static unsigned level_of(const struct cap_map *m)
{
    return cap_table_level(m->table.slot->type);
}

static bool links_table(const struct cap_map *m)
{
    return cap_type_has(m->object.slot->type, CAP_TRAIT_TABLE);
}

/* False: nowhere. */
static bool find_place(const struct cap_core *core, const struct cap_slot *table,
                       struct cap_table_place *place)
{
    const struct cap_slot *link;

    place->last = mdb_last_copy(&core->db, table);
    place->root = table->base;
    place->offset = 0;
    if (table->type == CAP_TYPE_VNODE_L0) {
        return true;
    }
    link = table_link(place->last);
    if (link == NULL) {
        return false;
    }
    place->root = link->vspace;
    place->offset = link->mapping.offset;
    return true;
}

static err_t check_types(const struct cap_core *core, const struct cap_map *m)
{
    const struct cap_slot *object = m->object.slot;

    if (!cap_type_has(m->table.slot->type, CAP_TRAIT_TABLE)) {
        return err_make(ERR_CAP_WRONG_TYPE, m->table.address);
    }
    if (!(m->table.slot->rights & CAP_WRITE)) {
        return err_make(ERR_CAP_MISSING_RIGHT, m->table.address);
    }
    if (links_table(m)) {
        if (object->type == CAP_TYPE_VNODE_L0 || cap_table_level(object->type) != level_of(m) + 1) {
            return err_make(ERR_MAP_WRONG_LEVEL, level_of(m));
        }
        return table_link(mdb_last_copy(&core->db, object)) != NULL
                   ? err_make(ERR_MAP_ALREADY, m->object.address)
                   : OK;
    }
    if (!cap_type_has(object->type, CAP_TRAIT_MAPPED)) {
        return err_make(ERR_CAP_WRONG_TYPE, m->object.address);
    }
    return level_of(m) < 2 ? err_make(ERR_MAP_WRONG_LEVEL, level_of(m)) : OK;
}

static err_t check_extent(const struct cap_map *m)
{
    uint64_t entry_bytes = pt_entry_bytes(level_of(m));
    uint64_t size = m->object.slot->size;

    if (m->count == 0 || (links_table(m) && m->count != 1)) {
        return err_make(ERR_OUT_OF_RANGE, m->count);
    }
    if (m->first >= PT_ENTRIES || m->count > PT_ENTRIES - m->first) {
        return err_make(ERR_MAP_BEYOND_TABLE, m->first);
    }
    if (links_table(m)) {
        return m->offset != 0 ? err_make(ERR_MAP_BEYOND_FRAME, m->offset) : OK;
    }
    if (((m->object.slot->base + m->offset) & (entry_bytes - 1)) != 0) {
        return err_make(ERR_MAP_UNALIGNED, m->offset);
    }
    if (m->offset > size || m->count > (size - m->offset) / entry_bytes) {
        return err_make(ERR_MAP_BEYOND_FRAME, m->offset);
    }
    return OK;
}

/* Links carry no rights: what counts is in the pages. */
static err_t check_rights(const struct cap_map *m)
{
    const struct cap_slot *object = m->object.slot;
    unsigned unknown = m->rights & ~MAP_RIGHTS;

    if (links_table(m)) {
        return m->rights == 0 ? OK : err_make(ERR_MAP_RIGHTS, m->rights);
    }
    if (unknown != 0 || (m->rights & CAP_READ) == 0) {
        return err_make(ERR_MAP_IMPOSSIBLE, m->rights);
    }
    if ((m->rights & ~(unsigned)object->rights) != 0) {
        return err_make(ERR_MAP_RIGHTS, m->rights & ~(unsigned)object->rights);
    }
    if (m->memory == (object->type == CAP_TYPE_DEV_FRAME ? PT_MEMORY_NORMAL : PT_MEMORY_DEVICE)) {
        return err_make(ERR_MAP_IMPOSSIBLE, m->rights);
    }
    return pt_check_leaf(level_of(m), object->base + m->offset, m->rights, m->memory);
}

static pte_t *table_entries(const struct cap_core *core, paddr_t table)
{
    return cap_memory_at(core, table);
}

/* Is the destination the unfinished Mapping of this very map? */
static bool is_begun(const struct cap_map *m)
{
    const struct cap_slot *d = m->dest.slot;

    return d->type == CAP_TYPE_MAPPING && (d->flags & CAP_FLAG_CREATING) != 0 &&
           d->mapping.entry == m->table.slot->base + m->first * sizeof(pte_t) &&
           cap_same_range(d, m->object.slot) && d->generation == m->object.slot->generation &&
           cap_mapping_object_offset(d) == m->offset && d->memory == m->memory &&
           cap_mapping_count(d) <= m->count;
}

/* Whether `count` entries from `from` of the map on are free. */
static err_t check_entries(const struct cap_core *core, const struct cap_map *m, uint32_t from,
                           uint32_t count)
{
    const pte_t *table = table_entries(core, m->table.slot->base);
    const pte_t *at = table + m->first + from;
    const pte_t *end = at + count;

    /* Eight at a time: whole tables are looked at. */
    while (end - at >= 8 && (at[0] | at[1] | at[2] | at[3] | at[4] | at[5] | at[6] | at[7]) == 0) {
        at += 8;
    }
    for (; at < end; at++) {
        if (*at != 0) {
            return err_make(ERR_MAP_ENTRY_IN_USE, (uint64_t)(at - table));
        }
    }
    return OK;
}

/* Of a map that goes on, those that this step can come to: all were free when it began. */
static err_t check_next_entries(const struct cap_core *core, const struct cap_map *m)
{
    uint32_t done = cap_mapping_count(m->dest.slot);
    uint32_t left = m->count - done;

    return check_entries(core, m, done, left < STEP_ENTRIES ? left : STEP_ENTRIES);
}

err_t cap_map_check(const struct cap_core *core, struct cap_map *m)
{
    uint64_t begin;
    uint64_t end;
    err_t e = check_types(core, m);

    if (err_ok(e)) {
        e = check_extent(m);
    }
    if (err_ok(e)) {
        e = check_rights(m);
    }
    if (!err_ok(e)) {
        return e;
    }
    if (!find_place(core, m->table.slot, &m->place)) {
        return err_make(ERR_MAP_UNLINKED, m->table.address);
    }
    begin = m->place.offset + m->first * pt_entry_bytes(level_of(m));
    end = links_table(m) ? begin + 1 : begin + m->count * pt_entry_bytes(level_of(m));
    if (end > core->ops->vspace_bytes(core->context, m->place.root)) {
        return err_make(ERR_MAP_OUTSIDE, begin);
    }
    if (is_begun(m)) {
        return check_next_entries(core, m);
    }
    e = check_entries(core, m, 0, m->count);
    return err_ok(e) ? dest_check(&m->dest, CAP_TYPE_MAPPING) : e;
}

/* What a mapping with these rights will fetch instructions from. */
static void make_executable(struct cap_core *core, paddr_t address, uint64_t bytes, unsigned rights,
                            int *budget)
{
    if (!(rights & CAP_EXECUTE)) {
        return;
    }
    for (uint64_t page = 0; page < bytes; page += PAGE_SIZE) {
        core->ops->executable(core->context, address + page);
        *budget -= CAP_COST_PAGE;
    }
}

static void write_entries(struct cap_core *core, const struct cap_map *m, uint32_t from, uint32_t count,
                          int *budget)
{
    pte_t *entries = table_entries(core, m->table.slot->base) + m->first + from;
    uint64_t bytes = pt_entry_bytes(level_of(m));
    paddr_t address = m->object.slot->base + m->offset + from * bytes;
    pte_t leaf; /* in those that follow only the address is another one */

    *budget -= (int)count * CAP_COST_SCAN;
    if (links_table(m)) {
        entries[0] = pt_table(m->object.slot->base);
        return;
    }
    leaf = pt_leaf(level_of(m), address, m->rights, m->memory);
    for (uint32_t i = 0; i < count; i++, address += bytes, leaf += bytes) {
        make_executable(core, address, bytes, m->rights, budget);
        entries[i] = leaf;
    }
}

static void begin_mapping(struct cap_core *core, const struct cap_map *m)
{
    struct cap_slot *object = m->object.slot;
    struct cap_slot *to = m->dest.slot;

    to->type = CAP_TYPE_MAPPING;
    to->rights = links_table(m) ? CAP_IDENTIFY : (uint8_t)((object->rights & MAP_RIGHTS) | CAP_IDENTIFY);
    to->flags = CAP_FLAG_CREATING;
    to->owner = (uint8_t)core->id;
    to->generation = links_table(m) ? 0 : object->generation;
    to->base = object->base;
    to->size = object->size;
    to->mapping.entry = m->table.slot->base + m->first * sizeof(pte_t);
    to->mapping.pages = m->offset;
    to->mapping.offset = m->place.offset + m->first * pt_entry_bytes(level_of(m));
    to->vspace = m->place.root;
    to->level = (uint8_t)level_of(m);
    to->memory = (uint8_t)m->memory;
    ring_insert(m->place.last, to);
    mdb_insert_near(&core->db, object, to);
}

enum cap_progress cap_map_act(struct cap_core *core, const struct cap_map *m, int *budget)
{
    struct cap_slot *to = m->dest.slot;
    uint32_t chunk = m->rights & CAP_EXECUTE ? 1 : CHUNK;
    uint64_t bytes = pt_entry_bytes(level_of(m));
    uint32_t done = 0;
    uint32_t end = m->count; /* as far as entries have been looked at */

    if (to->type == CAP_TYPE_NULL) {
        begin_mapping(core, m);
        *budget -= CAP_COST_SLOT + (int)m->count / 4 * CAP_COST_SCAN; /* all have been looked at */
    } else {
        done = cap_mapping_count(to);
        end = m->count - done < STEP_ENTRIES ? m->count : done + STEP_ENTRIES;
    }
    while (done < end) {
        uint32_t count = end - done < chunk ? end - done : chunk;

        if (done > 0 && *budget <= 0) {
            return CAP_AGAIN;
        }
        write_entries(core, m, done, count, budget);
        core->ops->mapped(core->context, to->vspace, to->mapping.offset + done * bytes, count * bytes);
        done += count;
        to->mapping.pages = m->offset | (done - 1);
    }
    if (end < m->count) {
        return CAP_AGAIN;
    }
    to->flags = links_table(m) ? CAP_FLAG_LINK : 0;
    return CAP_DONE;
}

/* Bytes that one entry of a Mapping covers. */
static uint64_t mapping_entry_bytes(const struct cap_slot *m)
{
    return pt_entry_bytes(m->level);
}

bool mapping_clear(struct cap_core *core, struct cap_slot *m, int *budget)
{
    pte_t *entries = table_entries(core, cap_mapping_table(m)) + cap_mapping_first(m);
    uint64_t bytes = mapping_entry_bytes(m);

    for (;;) {
        uint32_t count = cap_mapping_count(m);
        uint32_t chunk = count < CHUNK ? count : CHUNK;

        *budget -= (int)chunk * CAP_COST_SCAN;
        for (uint32_t i = count - chunk; i < count; i++) {
            entries[i] = 0;
        }
        core->ops->unmapped(core->context, m->vspace, m->mapping.offset + (count - chunk) * bytes,
                            chunk * bytes);
        if (chunk == count) {
            return true;
        }
        m->mapping.pages -= chunk;
        if (*budget <= 0) {
            return false;
        }
    }
}

static err_t check_pages(const struct cap_ref *mapping)
{
    const struct cap_slot *m = mapping->slot;

    if (m->type != CAP_TYPE_MAPPING || (m->flags & CAP_FLAG_LINK)) {
        return err_make(ERR_CAP_WRONG_TYPE, mapping->address);
    }
    return OK;
}

err_t cap_protect_check(const struct cap_core *core, const struct cap_protect *p)
{
    const struct cap_slot *m = p->mapping.slot;
    err_t e = check_pages(&p->mapping);

    (void)core;
    if (!err_ok(e)) {
        return e;
    }
    if (p->count == 0 || p->first >= cap_mapping_count(m) || p->count > cap_mapping_count(m) - p->first) {
        return err_make(ERR_OUT_OF_RANGE, p->count);
    }
    if ((p->rights & ~MAP_RIGHTS) != 0 || (p->rights & CAP_READ) == 0) {
        return err_make(ERR_MAP_IMPOSSIBLE, p->rights);
    }
    if ((p->rights & ~(unsigned)m->rights) != 0) {
        return err_make(ERR_MAP_RIGHTS, p->rights & ~(unsigned)m->rights);
    }
    return pt_check_leaf(m->level, m->base + cap_mapping_object_offset(m), p->rights, m->memory);
}

uint32_t cap_protect_act(struct cap_core *core, const struct cap_protect *p, int *budget)
{
    struct cap_slot *m = p->mapping.slot;
    pte_t *entries = table_entries(core, cap_mapping_table(m)) + cap_mapping_first(m);
    uint64_t bytes = mapping_entry_bytes(m);
    paddr_t base = m->base + cap_mapping_object_offset(m);
    uint32_t done = 0;

    while (done < p->count && (done == 0 || *budget > 0)) {
        uint32_t i = p->first + done++;

        make_executable(core, base + i * bytes, bytes, p->rights, budget);
        entries[i] = pt_leaf(m->level, base + i * bytes, p->rights, m->memory);
        *budget -= CAP_COST_SCAN;
    }
    core->ops->unmapped(core->context, m->vspace, m->mapping.offset + p->first * bytes, done * bytes);
    return done;
}

err_t cap_split_check(const struct cap_core *core, const struct cap_split *s)
{
    err_t e = check_pages(&s->mapping);

    (void)core;
    if (!err_ok(e)) {
        return e;
    }
    if (s->at == 0 || s->at >= cap_mapping_count(s->mapping.slot)) {
        return err_make(ERR_OUT_OF_RANGE, s->at);
    }
    return dest_check(&s->dest, CAP_TYPE_MAPPING);
}

void cap_split_act(struct cap_core *core, const struct cap_split *s)
{
    struct cap_slot *m = s->mapping.slot;
    struct cap_slot *to = s->dest.slot;
    uint64_t bytes = mapping_entry_bytes(m);
    uint32_t count = cap_mapping_count(m);

    slot_copy(to, m);
    to->vspace = m->vspace;
    to->level = m->level;
    to->memory = m->memory;
    to->mapping.entry = m->mapping.entry + s->at * sizeof(pte_t);
    to->mapping.pages = (cap_mapping_object_offset(m) + s->at * bytes) | (count - s->at - 1);
    to->mapping.offset = m->mapping.offset + s->at * bytes;
    m->mapping.pages -= count - s->at;
    ring_insert(m, to);
    mdb_insert_beside(&core->db, m, to);
}
