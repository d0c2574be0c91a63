/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/tree.h>

enum side { LEFT = 0, RIGHT = 1 };

static unsigned height(const struct tree_node *n)
{
    return n ? n->height : 0;
}

static enum side side_of(const struct tree_node *n)
{
    return n->parent->child[RIGHT] == n ? RIGHT : LEFT;
}

/* Height and augmentation from the children, which are right. */
static void update(struct tree *t, struct tree_node *n)
{
    unsigned left = height(n->child[LEFT]);
    unsigned right = height(n->child[RIGHT]);

    n->height = (left > right ? left : right) + 1;
    if (t->augment) {
        t->augment(n);
    }
}

/* Puts `n` (or nothing) where `old` hangs. */
static void replace(struct tree *t, const struct tree_node *old, struct tree_node *n)
{
    if (old->parent) {
        old->parent->child[side_of(old)] = n;
    } else {
        t->root = n;
    }
    if (n) {
        n->parent = old->parent;
    }
}

/* The child on `side` comes up, n goes down to the other side:
 *
 *        n                 up
 *       / \      LEFT     /  \
 *      up  c    ----->   a    n
 *     /  \                   / \
 *    a    b                 b   c
 */
static struct tree_node *rotate(struct tree *t, struct tree_node *n, enum side side)
{
    struct tree_node *up = n->child[side];
    struct tree_node *middle = up->child[!side];

    replace(t, n, up);
    up->child[!side] = n;
    n->parent = up;
    n->child[side] = middle;
    if (middle) {
        middle->parent = n;
    }
    update(t, n);
    update(t, up);
    return up;
}

/* Restores height, augmentation and balance at n, whose children are right and differ by at most 2. Returns
 * what stands there now. */
static struct tree_node *rebalance(struct tree *t, struct tree_node *n)
{
    unsigned left = height(n->child[LEFT]);
    unsigned right = height(n->child[RIGHT]);

    if (left <= right + 1 && right <= left + 1) {
        update(t, n);
        return n;
    }
    enum side heavy = left > right ? LEFT : RIGHT;
    struct tree_node *child = n->child[heavy];
    if (height(child->child[!heavy]) > height(child->child[heavy])) {
        rotate(t, child, !heavy);
    }
    return rotate(t, n, heavy);
}

/* To the root, always: augmentation changes even where heights do not. */
static void rebalance_up(struct tree *t, struct tree_node *n)
{
    while (n) {
        n = rebalance(t, n)->parent;
    }
}

void tree_insert(struct tree *t, struct tree_node *n, tree_compare_t compare)
{
    struct tree_node *parent = NULL;
    struct tree_node **link = &t->root;

    while (*link) {
        parent = *link;
        link = &parent->child[compare(n, parent) < 0 ? LEFT : RIGHT];
    }
    tree_node_init(n);
    n->parent = parent;
    *link = n;
    rebalance_up(t, n);
}

/* A node with two children changes places with its successor, which has no left child. */
static struct tree_node *remove_inner(struct tree *t, struct tree_node *n)
{
    struct tree_node *next = n->child[RIGHT];

    while (next->child[LEFT]) {
        next = next->child[LEFT];
    }
    struct tree_node *lowest = next->parent == n ? next : next->parent;
    replace(t, next, next->child[RIGHT]);
    replace(t, n, next);
    for (enum side side = LEFT; side <= RIGHT; side++) {
        next->child[side] = n->child[side];
        if (next->child[side]) {
            next->child[side]->parent = next;
        }
    }
    return lowest;
}

void tree_remove(struct tree *t, struct tree_node *n)
{
    struct tree_node *lowest = n->parent; /* the deepest node whose subtree changes */

    if (n->child[LEFT] && n->child[RIGHT]) {
        lowest = remove_inner(t, n);
    } else {
        replace(t, n, n->child[n->child[LEFT] ? LEFT : RIGHT]);
    }
    rebalance_up(t, lowest);
    tree_node_init(n);
}

void tree_changed(struct tree *t, struct tree_node *n)
{
    for (; n; n = n->parent) {
        update(t, n);
    }
}

struct tree_node *tree_at_least(const struct tree *t, const void *key, tree_compare_key_t compare)
{
    struct tree_node *best = NULL;

    for (struct tree_node *n = t->root; n;) {
        bool before = compare(key, n) > 0; /* n stands before the key */
        best = before ? best : n;
        n = n->child[before ? RIGHT : LEFT];
    }
    return best;
}

struct tree_node *tree_at_most(const struct tree *t, const void *key, tree_compare_key_t compare)
{
    struct tree_node *best = NULL;

    for (struct tree_node *n = t->root; n;) {
        bool behind = compare(key, n) < 0;
        best = behind ? best : n;
        n = n->child[behind ? LEFT : RIGHT];
    }
    return best;
}

struct tree_node *tree_find(const struct tree *t, const void *key, tree_compare_key_t compare)
{
    struct tree_node *n = tree_at_least(t, key, compare);
    return n && compare(key, n) == 0 ? n : NULL;
}

static struct tree_node *outermost(struct tree_node *n, enum side side)
{
    while (n && n->child[side]) {
        n = n->child[side];
    }
    return n;
}

struct tree_node *tree_first(const struct tree *t)
{
    return outermost(t->root, LEFT);
}

struct tree_node *tree_last(const struct tree *t)
{
    return outermost(t->root, RIGHT);
}

static struct tree_node *step(const struct tree_node *n, enum side side)
{
    if (n->child[side]) {
        return outermost(n->child[side], !side);
    }
    while (n->parent && side_of(n) == side) {
        n = n->parent;
    }
    return n->parent;
}

struct tree_node *tree_next(const struct tree_node *n)
{
    return step(n, RIGHT);
}

struct tree_node *tree_prev(const struct tree_node *n)
{
    return step(n, LEFT);
}

/* Both children know their parent, and are two. */
static bool links_are_right(const struct tree_node *n)
{
    const struct tree_node *left = n->child[LEFT];
    const struct tree_node *right = n->child[RIGHT];

    return (!left || left->parent == n) && (!right || right->parent == n) && (!left || left != right);
}

/* The node behind n in pre-order, which goes down over links checked before it goes up over them. */
static const struct tree_node *next_in_preorder(const struct tree_node *n)
{
    if (n->child[LEFT] || n->child[RIGHT]) {
        return n->child[LEFT] ? n->child[LEFT] : n->child[RIGHT];
    }
    while (n->parent && (side_of(n) == RIGHT || !n->parent->child[RIGHT])) {
        n = n->parent;
    }
    return n->parent ? n->parent->child[RIGHT] : NULL;
}

static bool heights_are_right(const struct tree_node *n)
{
    unsigned left = height(n->child[LEFT]);
    unsigned right = height(n->child[RIGHT]);

    return left <= right + 1 && right <= left + 1 && n->height == (left > right ? left : right) + 1;
}

bool tree_check(const struct tree *t, tree_compare_t compare)
{
    const struct tree_node *before = NULL;

    if (t->root && t->root->parent) {
        return false;
    }
    for (const struct tree_node *n = t->root; n; n = next_in_preorder(n)) {
        if (!links_are_right(n) || !heights_are_right(n)) {
            return false;
        }
    }
    TREE_FOREACH(n, t)
    {
        if (before && compare(before, n) > 0) {
            return false;
        }
        before = n;
    }
    return true;
}
