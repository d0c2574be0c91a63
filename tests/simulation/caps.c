/* SPDX-License-Identifier: MIT */
/* A tree of capabilities on a piece of RAM, made at random, and cut by a revoke somewhere in it: what was
 * made from there is gone, all else is there. */
#include "simulation.h"
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>

#define NODES 24u
#define PAGES 16u

struct node {
    bool there;
    uint64_t base; /* pages within the piece */
    uint64_t pages;
    unsigned generation; /* how often its range was made of the very same */
};

struct family {
    cptr_t piece;
    cptr_t first; /* slot of node 0 */
    unsigned count;
    struct node nodes[NODES];
};

static cptr_t slot_of(const struct family *t, unsigned node)
{
    return node == NODES ? t->piece : t->first + node;
}

static struct node range_of(const struct family *t, unsigned node)
{
    return node == NODES ? (struct node){.pages = PAGES, .there = true} : t->nodes[node];
}

/* A part of the parent, or a copy of it. That another part is in the way is for the kernel to say. */
static void grow(struct worker *w, struct family *t)
{
    unsigned which = (unsigned)below(w, t->count + 1);
    unsigned parent = which == t->count ? NODES : which;
    struct node from = range_of(t, parent);
    struct node n = {.there = true};
    cptr_t to = slot_of(t, t->count);
    err_t e;

    if (below(w, 2) == 0 || from.pages == 1) {
        n.base = from.base;
        n.pages = from.pages;
        n.generation = from.generation;
        e = cap_copy(slot_of(t, parent), to);
    } else {
        uint64_t offset = below(w, from.pages);

        n.base = from.base + offset;
        n.pages = 1 + below(w, from.pages - offset);
        n.generation = n.pages == from.pages ? from.generation + 1 : 0;
        e = cap_retype(slot_of(t, parent), offset * PAGE_SIZE, CAP_TYPE_RAM, n.pages * PAGE_SIZE, 1, to);
    }
    if (err_is(e, ERR_CAP_REVOKE_FIRST)) {
        return;
    }
    if (DONE(w, e)) {
        t->nodes[t->count++] = n;
    }
}

/* Copies, and what was made of any of them. */
static bool goes_with(const struct family *t, unsigned victim, unsigned node)
{
    struct node v = range_of(t, victim);
    struct node n = t->nodes[node];
    bool inside = n.base >= v.base && n.base + n.pages <= v.base + v.pages;

    return node != victim && inside && (n.pages < v.pages || n.generation >= v.generation);
}

static void check(struct worker *w, const struct family *t, uint64_t piece_base)
{
    for (unsigned i = 0; i < t->count; i++) {
        struct cap_identity found;
        err_t e = cap_identify(slot_of(t, i), &found);

        if (!t->nodes[i].there) {
            MUST(w, err_is(e, ERR_CAP_EMPTY_SLOT));
        } else if (DONE(w, e)) {
            MUST(w, found.base == piece_base + t->nodes[i].base * PAGE_SIZE);
            MUST(w, found.bytes == t->nodes[i].pages * PAGE_SIZE);
        }
    }
}

static void cut(struct worker *w, struct family *t)
{
    unsigned which = (unsigned)below(w, t->count + 1);
    unsigned victim = which == t->count ? NODES : which;

    if (range_of(t, victim).there && DONE(w, cap_revoke(slot_of(t, victim)))) {
        for (unsigned i = 0; i < t->count; i++) {
            t->nodes[i].there = t->nodes[i].there && !goes_with(t, victim, i);
        }
    }
}

static void drop(struct worker *w, struct family *t)
{
    unsigned which = (unsigned)below(w, t->count);

    if (t->nodes[which].there && DONE(w, cap_delete(slot_of(t, which)))) {
        t->nodes[which].there = false;
    }
}

void caps_tree(struct worker *w)
{
    struct family t = {.count = 0};
    struct cap_identity piece;

    if (!DONE(w, core_alloc(&simulation.core_server, PAGES * PAGE_SIZE, &t.piece))) {
        return;
    }
    (void)DONE(w, cap_identify(t.piece, &piece));
    if (DONE(w, slot_alloc_run(NODES, &t.first))) {
        for (unsigned tries = 0; tries < NODES && t.count < NODES; tries++) {
            grow(w, &t);
        }
        check(w, &t, piece.base);
        if (t.count > 0) {
            drop(w, &t);
        }
        cut(w, &t);
        check(w, &t, piece.base);
        for (unsigned i = 0; i < NODES; i++) {
            slot_delete(t.first + i);
        }
    }
    (void)DONE(w, core_free(&simulation.core_server, piece.base, piece.bytes));
    slot_delete(t.piece);
}
