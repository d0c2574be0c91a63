/* SPDX-License-Identifier: MIT */
/* Intrusive balanced search trees (AVL: Adelson-Velsky and Landis, 1962), with a value per subtree if wanted.
 * A tree_node lies in the object; the tree owns nothing and compares by the caller's functions. Insert,
 * remove and look-up are O(log n), a step to the next node O(1) on average; height <= 1.44 log2(n + 2). No
 * recursion.
 *
 * Equal keys are allowed: a new node goes behind those it equals.
 *
 * Augmentation: `augment` computes what the object of a node says about its whole subtree (a maximum, a sum)
 * from the object and its children; the tree calls it, from below, for every node whose subtree changed. When
 * an object changes without moving in the order, call tree_changed. */
#ifndef MUDSKIPPER_PURE_TREE_H
#define MUDSKIPPER_PURE_TREE_H

#include <mudskipper/abi/types.h>
#include <mudskipper/pure/list.h> /* CONTAINER_OF */

struct tree_node {
    struct tree_node *parent; /* NULL: the root, or in no tree */
    struct tree_node *child[2];
    unsigned height; /* of the subtree, a leaf has 1; 0: in no tree */
};

struct tree {
    struct tree_node *root;
    void (*augment)(struct tree_node *n); /* may be NULL */
};

/* < 0, 0, > 0 when object a stands before, equals, stands behind b. */
typedef int (*tree_compare_t)(const struct tree_node *a, const struct tree_node *b);

/* The same for a key and an object. */
typedef int (*tree_compare_key_t)(const void *key, const struct tree_node *n);

static inline void tree_init(struct tree *t, void (*augment)(struct tree_node *n))
{
    *t = (struct tree){NULL, augment};
}

static inline void tree_node_init(struct tree_node *n)
{
    *n = (struct tree_node){NULL, {NULL, NULL}, 0};
}

/* Is the node in some tree? It must have been initialised, or been in a tree before. */
static inline bool tree_linked(const struct tree_node *n)
{
    return n->height != 0;
}

/* `n` is in no tree; its links need no initialisation. */
void tree_insert(struct tree *t, struct tree_node *n, tree_compare_t compare);

/* `n` is in this tree; afterwards in none. */
void tree_remove(struct tree *t, struct tree_node *n);

/* The object changed, but not its place: computes augmentation anew from here to the root. */
void tree_changed(struct tree *t, struct tree_node *n);

/* NULL when there is none. find: the first object equal to the key; at_least: the first not before it;
 * at_most: the last not behind it. */
struct tree_node *tree_find(const struct tree *t, const void *key, tree_compare_key_t compare);
struct tree_node *tree_at_least(const struct tree *t, const void *key, tree_compare_key_t compare);
struct tree_node *tree_at_most(const struct tree *t, const void *key, tree_compare_key_t compare);

/* In order; NULL when the tree is empty or ends. */
struct tree_node *tree_first(const struct tree *t);
struct tree_node *tree_last(const struct tree *t);
struct tree_node *tree_next(const struct tree_node *n);
struct tree_node *tree_prev(const struct tree_node *n);

/* O(n), for tests and invariants: links, heights, balance and order are right. Ends on a tree with any links
 * between readable nodes. */
bool tree_check(const struct tree *t, tree_compare_t compare);

#define TREE_FOREACH(n, tree) for (struct tree_node *n = tree_first(tree); n; n = tree_next(n))

#endif
