/* SPDX-License-Identifier: MIT */
/* The order of the mapping database, what it says about kinship, and searches by key. */
#include <mudskipper/cap/mdb.h>
#include "mdb_priv.h"

/* A place in the order among capabilities of one range. */
struct mdb_key {
    uint64_t base;
    uint64_t size;
    uint64_t line; /* rank << 32 | generation */
    uint64_t w0;
    uint64_t w1;
    unsigned type;
};

#define ABOVE_ALL_TYPES CAP_TYPE_COUNT

static struct mdb_key key_of(const struct cap_slot *s)
{
    const struct cap_type_info *info = &cap_types[s->type];

    return (struct mdb_key){
        .base = s->base,
        .size = s->size,
        .line = (uint64_t)info->rank << 32 | (info->equality & CAP_EQUAL_GEN ? s->generation : 0),
        .w0 = info->equality & CAP_EQUAL_W0 ? s->word[0] : 0,
        .w1 = info->equality & CAP_EQUAL_W1 ? s->word[1] : 0,
        .type = s->type,
    };
}

/* Among capabilities of one range. */
static int order_within(const struct mdb_key *a, const struct cap_slot *s)
{
    struct mdb_key b = key_of(s);

    if (a->line != b.line) {
        return a->line < b.line ? -1 : 1;
    }
    if (a->w0 != b.w0) {
        return a->w0 < b.w0 ? -1 : 1;
    }
    if (a->type != b.type) {
        return a->type < b.type ? -1 : 1;
    }
    if (a->w1 != b.w1) {
        return a->w1 < b.w1 ? -1 : 1;
    }
    return 0;
}

static int order_key(const struct mdb_key *a, const struct cap_slot *b)
{
    if (a->base != b->base) {
        return a->base < b->base ? -1 : 1;
    }
    if (a->size != b->size) {
        return a->size > b->size ? -1 : 1;
    }
    return order_within(a, b);
}

int mdb_order(const struct cap_slot *a, const struct cap_slot *b)
{
    struct mdb_key key = key_of(a);

    return order_key(&key, b);
}

bool mdb_is_descendant_within(const struct cap_slot *a, const struct cap_slot *d)
{
    unsigned traits = cap_types[a->type].traits;

    if (traits & CAP_TRAIT_NUMBERED) {
        return d->type == CAP_TYPE_HANDLE && d->generation == a->generation && d->word[0] == a->word[0];
    }
    if (!(traits & (CAP_TRAIT_NESTS | CAP_TRAIT_ENCLOSES))) {
        return false;
    }
    if (a->type == CAP_TYPE_ENDPOINT_LMP && a->endpoint.badge != 0) {
        return false; /* a sender: only the endpoint itself encloses */
    }
    return mdb_order(a, d) < 0;
}

void mdb_insert(struct mdb *db, struct cap_slot *s)
{
    struct mdb_key key = key_of(s);
    struct cap_slot *parent = NULL;
    struct cap_slot **link = &db->root;

    s->prev = NULL;
    s->next = NULL;
    while (*link != NULL) {
        parent = *link;
        if (order_key(&key, parent) < 0) {
            s->next = parent;
            link = &parent->left;
        } else {
            s->prev = parent;
            link = &parent->right;
        }
    }
    if (s->prev != NULL) {
        s->prev->next = s;
    }
    if (s->next != NULL) {
        s->next->prev = s;
    } else {
        db->last = s;
    }
    mdb_attach(db, parent, link, s);
}

/* How many neighbours are looked at before the tree is searched. */
#define NEAR 4u

void mdb_insert_near(struct mdb *db, struct cap_slot *source, struct cap_slot *s)
{
    struct mdb_key key = key_of(s);

    for (unsigned i = 0; i < NEAR; i++) {
        if (source->next == NULL || order_key(&key, source->next) < 0) {
            mdb_insert_beside(db, source, s);
            return;
        }
        source = source->next;
    }
    mdb_insert(db, s);
}

/* The last slot that does not stand behind the key. */
static struct cap_slot *at_most(const struct mdb *db, const struct mdb_key *key)
{
    struct cap_slot *found = NULL;

    for (struct cap_slot *n = db->root; n != NULL;) {
        if (order_key(key, n) < 0) {
            n = n->left;
        } else {
            found = n;
            n = n->right;
        }
    }
    return found;
}

struct cap_slot *mdb_last_copy(const struct mdb *db, const struct cap_slot *s)
{
    const struct cap_slot *n = s;

    for (unsigned i = 0; i < NEAR; i++) {
        if (n->next == NULL || !mdb_is_copy(s, n->next)) {
            return (struct cap_slot *)n;
        }
        n = n->next;
    }
    struct mdb_key key = key_of(s);
    return at_most(db, &key);
}

struct cap_slot *mdb_first_copy(const struct mdb *db, const struct cap_slot *s)
{
    const struct cap_slot *n = s;
    struct cap_slot *found = NULL;

    for (unsigned i = 0; i < NEAR; i++) {
        if (n->prev == NULL || !mdb_is_copy(s, n->prev)) {
            return (struct cap_slot *)n;
        }
        n = n->prev;
    }
    struct mdb_key key = key_of(s);
    for (struct cap_slot *t = db->root; t != NULL;) {
        if (order_key(&key, t) <= 0) {
            found = t;
            t = t->left;
        } else {
            t = t->right;
        }
    }
    return found;
}

struct cap_slot *mdb_find_copy(const struct mdb *db, const struct cap_slot *like)
{
    struct mdb_key key = key_of(like);
    struct cap_slot *found = at_most(db, &key);

    return found != NULL && mdb_is_copy(found, like) ? found : NULL;
}

/* The last slot whose range begins before `point` and ends beyond `end`. */
static struct cap_slot *last_over(const struct mdb *db, uint64_t point, uint64_t end)
{
    const struct mdb_key key = {.base = point - 1, .line = UINT64_MAX};
    struct cap_slot *s = point > 0 ? at_most(db, &key) : NULL;

    return s == NULL || cap_end(s) > end ? s : mdb_prev_reaching(s, end);
}

struct cap_slot *mdb_find_crossing(const struct mdb *db, uint64_t base, uint64_t bytes)
{
    struct cap_slot *right = last_over(db, base + bytes, base + bytes);
    struct cap_slot *left = last_over(db, base, base);

    if (right != NULL && right->base > base) {
        return right;
    }
    return left != NULL && cap_end(left) < base + bytes ? left : NULL;
}

static bool is_own(const struct cap_slot *s, const struct cap_slot *other)
{
    return mdb_is_copy(s, other) || (other->type == CAP_TYPE_MAPPING && cap_same_range(s, other) &&
                                     s->generation == other->generation);
}

struct cap_slot *mdb_last_own(const struct mdb *db, const struct cap_slot *s)
{
    const struct cap_slot *n = s;

    for (unsigned i = 0; i < NEAR; i++) {
        if (n->next == NULL || !is_own(s, n->next)) {
            return (struct cap_slot *)n;
        }
        n = n->next;
    }
    struct mdb_key key = key_of(s);
    key.w0 = UINT64_MAX;
    key.type = ABOVE_ALL_TYPES;
    return at_most(db, &key);
}

bool mdb_has_descendants(const struct mdb *db, const struct cap_slot *s)
{
    const struct cap_slot *n = mdb_last_copy(db, s)->next;

    return n != NULL && mdb_is_descendant(s, n);
}

/* Where the capability stands that `n`, which has the range of its parent, belongs to. There may be very many
 * like `n`, and they are nobody's ancestors: so they are jumped over. */
static struct mdb_key owner_of(const struct cap_slot *n)
{
    struct mdb_key key = key_of(n);

    key.w1 = UINT64_MAX;
    switch (n->type) {
    case CAP_TYPE_HANDLE:
        key.type = CAP_TYPE_SERVICE;
        break;
    case CAP_TYPE_SERVICE:
        key.line = (uint64_t)cap_types[CAP_TYPE_ENDPOINT_LMP].rank << 32;
        key.w0 = 0;
        key.type = CAP_TYPE_ENDPOINT_LMP;
        break;
    case CAP_TYPE_MAPPING:
        key.w0 = 0;
        key.type = CAP_TYPE_MAPPING - 1;
        break;
    default:
        key.w0 = 0;
        break;
    }
    return key;
}

struct cap_slot *mdb_parent(const struct mdb *db, const struct cap_slot *s)
{
    struct cap_slot *n = (struct cap_slot *)s;

    while ((n = mdb_prev_reaching(n, cap_end(s) - 1)) != NULL) {
        if (mdb_is_descendant(n, s)) {
            return n;
        }
        if (cap_same_range(n, s) && !mdb_is_copy(n, s)) {
            struct mdb_key key = owner_of(n);

            n = at_most(db, &key);
            if (n == NULL || mdb_is_descendant(n, s)) {
                return n;
            }
        }
    }
    return NULL;
}
