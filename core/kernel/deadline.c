/* SPDX-License-Identifier: MIT */
#include "deadline.h"

void deadline_queue_init(struct deadline_queue *q)
{
    q->root = NULL;
}

void deadline_init(struct deadline *d)
{
    d->when = NANOS_NEVER;
    d->child = d->next = d->previous = NULL;
}

/* Both are roots without siblings; the later one becomes first child of the earlier one. */
static struct deadline *meld(struct deadline *a, struct deadline *b)
{
    struct deadline *later;

    if (a == NULL || b == NULL) {
        return a != NULL ? a : b;
    }
    later = b;
    if (b->when < a->when) {
        later = a;
        a = b;
    }
    later->next = a->child;
    if (later->next != NULL) {
        later->next->previous = later;
    }
    later->previous = a;
    a->child = later;
    return a;
}

/* Melds a list of siblings: in pairs from the left, then the pairs from the right. */
static struct deadline *meld_siblings(struct deadline *first)
{
    struct deadline *pairs = NULL;
    struct deadline *root = NULL;

    while (first != NULL) {
        struct deadline *a = first;
        struct deadline *b = a->next;

        first = b != NULL ? b->next : NULL;
        a->next = a->previous = NULL;
        if (b != NULL) {
            b->next = b->previous = NULL;
        }
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs != NULL) {
        struct deadline *rest = pairs->next;

        pairs->next = NULL;
        root = meld(root, pairs);
        pairs = rest;
    }
    return root;
}

void deadline_set(struct deadline_queue *q, struct deadline *d, nanos_t when)
{
    if (when == NANOS_NEVER) {
        return;
    }
    d->when = when;
    d->child = d->next = d->previous = NULL;
    q->root = meld(q->root, d);
}

void deadline_clear(struct deadline_queue *q, struct deadline *d)
{
    struct deadline *children;

    if (d->when == NANOS_NEVER) {
        return;
    }
    children = meld_siblings(d->child);
    if (d == q->root) {
        q->root = children;
    } else {
        if (d->previous->child == d) {
            d->previous->child = d->next;
        } else {
            d->previous->next = d->next;
        }
        if (d->next != NULL) {
            d->next->previous = d->previous;
        }
        q->root = meld(q->root, children);
    }
    deadline_init(d);
}

struct deadline *deadline_take_due(struct deadline_queue *q, nanos_t now)
{
    struct deadline *d = q->root;

    if (d == NULL || d->when > now) {
        return NULL;
    }
    deadline_clear(q, d);
    return d;
}
