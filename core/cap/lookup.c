/* SPDX-License-Identifier: MIT */
/* From addresses in a capability space to slots. */
#include <mudskipper/cap/core.h>

void cap_core_init(struct cap_core *core, coreid_t id, uintptr_t window, const struct cap_ops *ops,
                   void *context)
{
    *core = (struct cap_core){.window = window, .ops = ops, .context = context, .id = id, .cores = 1};
    mdb_init(&core->db);
    core->db.core = id;
}

/* Why cap_is_passable said no; the type is right. */
static err_t check_passage(const struct cap_slot *cnode, unsigned rights, cptr_t address)
{
    if ((rights & ~(unsigned)cnode->rights) != 0) {
        return err_make(ERR_CAP_MISSING_RIGHT, address);
    }
    if (cnode->flags & CAP_FLAG_IN_DELETION) {
        return err_make(ERR_CAP_IN_DELETION, address);
    }
    return cnode->flags & CAP_UNUSABLE ? err_make(ERR_CAP_LOCKED, address) : OK;
}

/* Why cap_find found nothing. */
static err_t check_path(const struct cap_core *core, const struct cap_slot *root, cptr_t address,
                        unsigned rights)
{
    cptr_t index = address >> CPTR_L2_BITS;
    const struct cap_slot *l1;
    err_t e = check_passage(root, rights, address);

    if (!err_ok(e)) {
        return e;
    }
    if (index >= root->size / CAP_SLOT_BYTES) {
        return err_make(ERR_CAP_L1_RANGE, address);
    }
    l1 = (const struct cap_slot *)cap_memory_at(core, root->base) + index;
    if (l1->type != CAP_TYPE_L2_CNODE) {
        return err_make(l1->type == CAP_TYPE_NULL ? ERR_CAP_EMPTY_SLOT : ERR_CAP_WRONG_TYPE, CPTR(index, 0));
    }
    return check_passage(l1, rights, CPTR(index, 0));
}

static err_t lookup_l1(const struct cap_core *core, struct cap_slot *root, cptr_t address, unsigned rights,
                       struct cap_ref *out)
{
    uint64_t slots = root->size / CAP_SLOT_BYTES;
    cptr_t index = address >> CPTR_L2_BITS;
    err_t e = check_passage(root, rights, address);

    if (!err_ok(e)) {
        return e;
    }
    if (index >= slots) {
        return err_make(ERR_CAP_L1_RANGE, address);
    }
    *out = (struct cap_ref){(struct cap_slot *)cap_memory_at(core, root->base) + index, address,
                            CAP_LEVEL_CNODE, (uint32_t)(slots - index)};
    return OK;
}

err_t cap_lookup(const struct cap_core *core, struct cap_slot *root, cptr_t address, unsigned level,
                 unsigned rights, struct cap_ref *out)
{
    if (level == CAP_LEVEL_SLOT) {
        struct cap_slot *s = cap_find(core, root, address, rights);

        if (s != NULL) {
            *out = (struct cap_ref){s, address, CAP_LEVEL_SLOT, CPTR_L2_SLOTS - address % CPTR_L2_SLOTS};
            return OK;
        }
    }
    if (root->type != CAP_TYPE_L1_CNODE) {
        return err_make(ERR_CAP_ROOT_NOT_CNODE, address);
    }
    if (level == CAP_LEVEL_ROOT && address == 0) {
        *out = (struct cap_ref){root, 0, CAP_LEVEL_SLOT, 1};
        return OK;
    }
    if (level == CAP_LEVEL_ROOT || level > CAP_LEVEL_SLOT ||
        (level == CAP_LEVEL_CNODE && address % CPTR_L2_SLOTS != 0)) {
        return err_make(ERR_CAP_BAD_LEVEL, level);
    }
    return level == CAP_LEVEL_CNODE ? lookup_l1(core, root, address, rights, out)
                                    : check_path(core, root, address, rights);
}

err_t cap_check_usable(const struct cap_ref *ref)
{
    const struct cap_slot *s = ref->slot;

    if (s->type == CAP_TYPE_NULL) {
        return err_make(ERR_CAP_EMPTY_SLOT, ref->address);
    }
    if (s->flags & CAP_UNUSABLE) {
        return err_make(s->flags & CAP_FLAG_IN_DELETION ? ERR_CAP_IN_DELETION : ERR_CAP_LOCKED, ref->address);
    }
    return OK;
}

err_t cap_lookup_source(const struct cap_core *core, struct cap_slot *root, cptr_t address, unsigned level,
                        struct cap_ref *out)
{
    err_t e = cap_lookup(core, root, address, level, CAP_READ, out);

    return err_ok(e) ? cap_check_usable(out) : e;
}
