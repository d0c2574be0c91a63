/* SPDX-License-Identifier: MIT */
/* The shape of the mapping database: AVL tree with parent and neighbour links and the largest end per
 * subtree. Nothing here knows what a capability is, apart from its range. */
#include <mudskipper/cap/mdb.h>
#include "mdb_priv.h"

void mdb_init(struct mdb *db)
{
    *db = (struct mdb){.root = NULL};
}

static uint64_t max_end_of(const struct cap_slot *n)
{
    uint64_t end = cap_end(n);

    if (n->left != NULL && n->left->max_end > end) {
        end = n->left->max_end;
    }
    if (n->right != NULL && n->right->max_end > end) {
        end = n->right->max_end;
    }
    return end;
}

/* Where the tree points at `n`. */
static struct cap_slot **link_to(struct mdb *db, struct cap_slot *n)
{
    if (n->parent == NULL) {
        return &db->root;
    }
    return n->parent->left == n ? &n->parent->left : &n->parent->right;
}

/*      x                y
 *     / \              / \
 *    a   y     ▶      x   c     returns y
 *       / \          / \
 *      b   c        a   b   */
static struct cap_slot *rotate_left(struct mdb *db, struct cap_slot *x)
{
    struct cap_slot *y = x->right;

    *link_to(db, x) = y;
    y->parent = x->parent;
    x->right = y->left;
    if (x->right != NULL) {
        x->right->parent = x;
    }
    y->left = x;
    x->parent = y;
    x->balance = (int8_t)(x->balance - 1 - (y->balance > 0 ? y->balance : 0));
    y->balance = (int8_t)(y->balance - 1 + (x->balance < 0 ? x->balance : 0));
    y->max_end = x->max_end;
    x->max_end = max_end_of(x);
    return y;
}

static struct cap_slot *rotate_right(struct mdb *db, struct cap_slot *x)
{
    struct cap_slot *y = x->left;

    *link_to(db, x) = y;
    y->parent = x->parent;
    x->left = y->right;
    if (x->left != NULL) {
        x->left->parent = x;
    }
    y->right = x;
    x->parent = y;
    x->balance = (int8_t)(x->balance + 1 - (y->balance < 0 ? y->balance : 0));
    y->balance = (int8_t)(y->balance + 1 + (x->balance > 0 ? x->balance : 0));
    y->max_end = x->max_end;
    x->max_end = max_end_of(x);
    return y;
}

/* `n` is out of balance by two: returns the new root of the subtree. */
static struct cap_slot *rebalance(struct mdb *db, struct cap_slot *n)
{
    if (n->balance > 0) {
        if (n->right->balance < 0) {
            rotate_right(db, n->right);
        }
        return rotate_left(db, n);
    }
    if (n->left->balance > 0) {
        rotate_left(db, n->left);
    }
    return rotate_right(db, n);
}

/* The subtree at `n` has become one higher. */
static void grown(struct mdb *db, struct cap_slot *n)
{
    for (struct cap_slot *p = n->parent; p != NULL; n = p, p = p->parent) {
        p->balance = (int8_t)(p->balance + (p->left == n ? -1 : 1));
        if (p->balance == 0) {
            return;
        }
        if (p->balance < -1 || p->balance > 1) {
            rebalance(db, p);
            return;
        }
    }
}

void mdb_attach(struct mdb *db, struct cap_slot *parent, struct cap_slot **link, struct cap_slot *s)
{
    uint64_t end = cap_end(s);

    s->left = NULL;
    s->right = NULL;
    s->parent = parent;
    s->balance = 0;
    s->max_end = end;
    *link = s;
    db->count++;
    for (struct cap_slot *p = parent; p != NULL && p->max_end < end; p = p->parent) {
        p->max_end = end;
    }
    grown(db, s);
}

static void thread_behind(struct mdb *db, struct cap_slot *prev, struct cap_slot *s)
{
    s->prev = prev;
    s->next = prev->next;
    prev->next = s;
    if (s->next != NULL) {
        s->next->prev = s;
    } else {
        db->last = s;
    }
}

void mdb_insert_beside(struct mdb *db, struct cap_slot *source, struct cap_slot *s)
{
    thread_behind(db, source, s);
    if (source->right == NULL) {
        mdb_attach(db, source, &source->right, s);
    } else {
        mdb_attach(db, s->next, &s->next->left, s); /* the leftmost of source->right */
    }
}

void mdb_insert_before(struct mdb *db, struct cap_slot *next, struct cap_slot *s)
{
    if (next == NULL && db->last == NULL) {
        s->prev = NULL;
        s->next = NULL;
        db->last = s;
        mdb_attach(db, NULL, &db->root, s);
    } else if (next == NULL) {
        mdb_insert_beside(db, db->last, s);
    } else if (next->prev != NULL) {
        mdb_insert_beside(db, next->prev, s);
    } else {
        s->prev = NULL;
        s->next = next;
        next->prev = s;
        mdb_attach(db, next, &next->left, s);
    }
}

/* One side of `p` (the left one: side < 0) has become one lower. */
static void shrunk(struct mdb *db, struct cap_slot *p, int side)
{
    while (p != NULL) {
        p->balance = (int8_t)(p->balance - side);
        if (p->balance == 1 || p->balance == -1) {
            return;
        }
        if (p->balance != 0) {
            p = rebalance(db, p);
            if (p->balance != 0) {
                return;
            }
        }
        side = p->parent != NULL && p->parent->left == p ? -1 : 1;
        p = p->parent;
    }
}

/* Computes the largest ends anew from `n` upwards, until one above `stop` (NULL: any) stays as it was. */
static void refresh_max(struct cap_slot *n, const struct cap_slot *stop)
{
    for (; n != NULL; n = n->parent) {
        uint64_t end = max_end_of(n);

        if (stop == NULL && n->max_end == end) {
            return;
        }
        n->max_end = end;
        if (n == stop) {
            stop = NULL;
        }
    }
}

void mdb_shrunk(struct cap_slot *s)
{
    refresh_max(s, NULL);
}

/* `heir`, which has left its own place, takes that of `s` in the tree. */
static void inherit(struct mdb *db, struct cap_slot *s, struct cap_slot *heir)
{
    *link_to(db, s) = heir;
    heir->parent = s->parent;
    heir->left = s->left;
    heir->right = s->right;
    heir->balance = s->balance;
    heir->max_end = s->max_end;
    if (heir->left != NULL) {
        heir->left->parent = heir;
    }
    if (heir->right != NULL) {
        heir->right->parent = heir;
    }
}

/* `s` has at most one child. Returns the lowest node that lost something, and on which side. */
static struct cap_slot *bypass(struct mdb *db, struct cap_slot *s, int *side)
{
    struct cap_slot *child = s->left != NULL ? s->left : s->right;
    struct cap_slot **link = link_to(db, s);

    *side = s->parent != NULL && link == &s->parent->left ? -1 : 1;
    *link = child;
    if (child != NULL) {
        child->parent = s->parent;
    }
    return s->parent;
}

static void unthread(struct mdb *db, struct cap_slot *s)
{
    if (s->prev != NULL) {
        s->prev->next = s->next;
    }
    if (s->next != NULL) {
        s->next->prev = s->prev;
    } else {
        db->last = s->prev;
    }
}

void mdb_remove(struct mdb *db, struct cap_slot *s)
{
    struct cap_slot *from;
    int side;

    if (s->left == NULL || s->right == NULL) {
        from = bypass(db, s, &side);
        refresh_max(from, NULL);
    } else {
        struct cap_slot *heir = s->next; /* leftmost on the right: has no left child */

        from = bypass(db, heir, &side);
        inherit(db, s, heir);
        if (from == s) {
            from = heir;
        }
        refresh_max(from, heir);
    }
    unthread(db, s);
    shrunk(db, from, side);
    s->left = s->right = s->parent = s->prev = s->next = NULL;
    s->max_end = 0;
    s->balance = 0;
    db->count--;
}

void mdb_replace(struct mdb *db, struct cap_slot *from, struct cap_slot *to)
{
    inherit(db, from, to);
    to->prev = from->prev;
    to->next = from->next;
    if (to->prev != NULL) {
        to->prev->next = to;
    }
    if (to->next != NULL) {
        to->next->prev = to;
    } else {
        db->last = to;
    }
    from->left = from->right = from->parent = from->prev = from->next = NULL;
    from->max_end = 0;
    from->balance = 0;
}

struct cap_slot *mdb_first(const struct mdb *db)
{
    struct cap_slot *n = db->root;

    while (n != NULL && n->left != NULL) {
        n = n->left;
    }
    return n;
}

/* The first in order of the subtree that reaches beyond the point; its max_end does. */
static struct cap_slot *first_reaching(struct cap_slot *n, uint64_t point)
{
    for (;;) {
        if (n->left != NULL && n->left->max_end > point) {
            n = n->left;
        } else if (cap_end(n) > point) {
            return n;
        } else {
            n = n->right;
        }
    }
}

static struct cap_slot *last_reaching(struct cap_slot *n, uint64_t point)
{
    for (;;) {
        if (n->right != NULL && n->right->max_end > point) {
            n = n->right;
        } else if (cap_end(n) > point) {
            return n;
        } else {
            n = n->left;
        }
    }
}

struct cap_slot *mdb_next_reaching(const struct cap_slot *s, uint64_t point)
{
    if (s->right != NULL && s->right->max_end > point) {
        return first_reaching(s->right, point);
    }
    for (const struct cap_slot *child = s; child->parent != NULL; child = child->parent) {
        struct cap_slot *p = child->parent;

        if (p->right == child) {
            continue;
        }
        if (cap_end(p) > point) {
            return p;
        }
        if (p->right != NULL && p->right->max_end > point) {
            return first_reaching(p->right, point);
        }
    }
    return NULL;
}

struct cap_slot *mdb_prev_reaching(const struct cap_slot *s, uint64_t point)
{
    if (s->left != NULL && s->left->max_end > point) {
        return last_reaching(s->left, point);
    }
    for (const struct cap_slot *child = s; child->parent != NULL; child = child->parent) {
        struct cap_slot *p = child->parent;

        if (p->left == child) {
            continue;
        }
        if (cap_end(p) > point) {
            return p;
        }
        if (p->left != NULL && p->left->max_end > point) {
            return last_reaching(p->left, point);
        }
    }
    return NULL;
}

struct cap_slot *mdb_find_range(const struct mdb *db, uint64_t base, uint64_t bytes)
{
    struct cap_slot *found = NULL;

    if (db->root != NULL && db->root->max_end > base) {
        found = first_reaching(db->root, base);
    }
    return found != NULL && found->base < base + bytes ? found : NULL;
}
