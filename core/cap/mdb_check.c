/* SPDX-License-Identifier: MIT */
/* The mapping database looks at itself: walker and dump. Follows nothing it has not checked. */
#include <mudskipper/cap/mdb.h>

/* Types that it can descend from, also after those between have been deleted. Sources with
 * sources of their own have smaller numbers. */
static uint32_t possible_ancestors(unsigned type)
{
    uint32_t found = cap_types[type].made_from;

    for (unsigned i = CAP_TYPE_COUNT; i-- > 0;) {
        if (found >> i & 1) {
            found |= cap_types[i].made_from;
        }
    }
    return found;
}

/* Legal as the nearest ancestor? */
static bool legal_parent(const struct cap_slot *parent, const struct cap_slot *s)
{
    if (s->type == CAP_TYPE_MAPPING) {
        return cap_type_has(parent->type, CAP_TRAIT_MAPPED | CAP_TRAIT_TABLE) && cap_same_range(parent, s);
    }
    if (s->type == CAP_TYPE_REPLY) {
        return parent->type == CAP_TYPE_DISPATCHER;
    }
    if (s->type == CAP_TYPE_ENDPOINT_LMP && s->endpoint.badge != 0) {
        return parent->type == CAP_TYPE_ENDPOINT_LMP;
    }
    if (cap_types[s->type].sizes == CAP_SIZES_SOURCE) {
        return cap_type_made_from(s->type, parent->type);
    }
    return (possible_ancestors(s->type) >> parent->type & 1) != 0;
}

static const char *check_links(const struct mdb *db, const struct cap_slot *s)
{
    if (s->parent == NULL ? db->root != s : (s->parent->left != s && s->parent->right != s)) {
        return "the tree's parent does not know it";
    }
    if ((s->left != NULL && s->left->parent != s) || (s->right != NULL && s->right->parent != s)) {
        return "a child in the tree does not know it";
    }
    if ((s->prev != NULL && s->prev->next != s) || (s->next != NULL && s->next->prev != s) ||
        (s->next == NULL && db->last != s)) {
        return "neighbour links disagree";
    }
    return NULL;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static const char *check_max(const struct cap_slot *s)
{
    uint64_t end = cap_end(s);

    end = larger(end, s->left != NULL ? s->left->max_end : 0);
    end = larger(end, s->right != NULL ? s->right->max_end : 0);
    return s->max_end == end ? NULL : "the cached largest end is wrong";
}

static unsigned left_height(const struct cap_slot *s)
{
    unsigned height = 0;

    /* The higher side, all the way: true heights if all balances are. */
    for (; s != NULL; s = s->balance < 0 ? s->left : s->right) {
        height++;
    }
    return height;
}

static const char *check_balance(const struct cap_slot *s)
{
    int difference = (int)left_height(s->right) - (int)left_height(s->left);

    return difference == s->balance && difference >= -1 && difference <= 1 ? NULL : "out of balance";
}

static const char *check_order(const struct cap_slot *s)
{
    const struct cap_slot *n = s->next;

    if (cap_end(s) < s->base || s->size == 0) {
        return "the range is not one";
    }
    if (n != NULL && mdb_order(s, n) > 0) {
        return "out of order";
    }
    n = mdb_next_reaching(s, cap_end(s));
    return n != NULL && n->base < cap_end(s) ? "its range crosses another one" : NULL;
}

static const char *check_kinship(const struct mdb *db, const struct cap_slot *s)
{
    const struct cap_slot *parent;

    /* One of several copies is enough; of what another core owns, its owner knows. */
    if (s->owner != db->core || (s->prev != NULL && mdb_is_copy(s, s->prev))) {
        return NULL;
    }
    parent = mdb_parent(db, s);
    if (parent != NULL && !legal_parent(parent, s)) {
        return "cannot have been made from what encloses it";
    }
    if (parent == NULL && (s->type == CAP_TYPE_MAPPING || s->type == CAP_TYPE_REPLY ||
                           s->type == CAP_TYPE_SERVICE || s->type == CAP_TYPE_HANDLE)) {
        return "has outlived what it belongs to";
    }
    return NULL;
}

const char *mdb_validate(const struct mdb *db, const struct cap_slot **where)
{
    uint64_t count = 0;
    const char *wrong = NULL;
    const struct cap_slot *s = mdb_first(db);

    *where = s;
    if (s != NULL && s->prev != NULL) {
        return "the first has a predecessor";
    }
    for (; s != NULL && wrong == NULL; s = s->next) {
        *where = s;
        if (++count > db->count) {
            return "more slots than counted";
        }
        if (s->type == CAP_TYPE_NULL || s->type >= CAP_TYPE_COUNT) {
            return "no capability in a slot of the tree";
        }
        wrong = check_links(db, s);
        wrong = wrong != NULL ? wrong : check_max(s);
        wrong = wrong != NULL ? wrong : check_balance(s);
        wrong = wrong != NULL ? wrong : check_order(s);
        wrong = wrong != NULL ? wrong : check_kinship(db, s);
    }
    return wrong != NULL || count == db->count ? wrong : "fewer slots than counted";
}

void mdb_dump(const struct mdb *db, mdb_dump_t show, void *context)
{
    const struct cap_slot *ancestor = NULL;
    unsigned depth = 0;

    for (const struct cap_slot *s = mdb_first(db); s != NULL; s = s->next) {
        if (ancestor == NULL || !mdb_is_copy(ancestor, s)) {
            depth = 0;
            for (const struct cap_slot *p = mdb_parent(db, s); p != NULL; p = mdb_parent(db, p)) {
                depth++;
            }
            ancestor = s;
        }
        show(context, s, depth);
    }
}
