/* SPDX-License-Identifier: MIT */
#include "ledger.h"

/* Where the parts of an identity stand (abi/objects.h). */
enum word { WORD_IDENTITY, WORD_BASE, WORD_SIZE, WORD_FIRST, WORD_SECOND };

#define RIGHTS_SHIFT 8u
#define RIGHTS_MASK  ((uint64_t)0xff << RIGHTS_SHIFT)

static struct ledger_entry *entry_of(const struct tree_node *n)
{
    return n != NULL ? CONTAINER_OF(n, struct ledger_entry, node) : NULL;
}

static int compare_words(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/* By base first, so that what lies in a range stands together. */
static int compare_across(const struct cap_across *a, const struct cap_across *b)
{
    static const enum word order[] = {WORD_BASE, WORD_SIZE, WORD_FIRST, WORD_SECOND};
    int c = 0;

    for (unsigned i = 0; c == 0 && i < ARRAY_LENGTH(order); i++) {
        c = compare_words(a->words[order[i]], b->words[order[i]]);
    }
    return c != 0 ? c
                  : compare_words(a->words[WORD_IDENTITY] & ~RIGHTS_MASK,
                                  b->words[WORD_IDENTITY] & ~RIGHTS_MASK);
}

static int compare_entries(const struct tree_node *a, const struct tree_node *b)
{
    return compare_across(&entry_of(a)->what, &entry_of(b)->what);
}

static int compare_key(const void *what, const struct tree_node *n)
{
    return compare_across(what, &entry_of(n)->what);
}

void ledger_init(struct tree *ledger)
{
    tree_init(ledger, NULL);
}

struct ledger_entry *ledger_find(const struct tree *ledger, const struct cap_across *what)
{
    return entry_of(tree_find(ledger, what, compare_key));
}

static bool is_meant(const struct ledger_entry *e, const struct cap_identity *identity)
{
    const uint64_t *w = e->what.words;

    return CAP_IDENTITY_TYPE(w[WORD_IDENTITY]) == identity->type &&
           ledger_owner(&e->what) == identity->owner && w[WORD_BASE] == identity->base &&
           w[WORD_SIZE] == identity->bytes && w[WORD_FIRST] == identity->words[0] &&
           w[WORD_SECOND] == identity->words[1];
}

struct ledger_entry *ledger_find_identity(const struct tree *ledger, const struct cap_identity *identity)
{
    struct ledger_entry *e = ledger_first(ledger);

    while (e != NULL && !is_meant(e, identity)) {
        e = ledger_next(e);
    }
    return e;
}

void ledger_add(struct tree *ledger, struct ledger_entry *entry)
{
    tree_insert(ledger, &entry->node, compare_entries);
}

void ledger_remove(struct tree *ledger, struct ledger_entry *entry)
{
    tree_remove(ledger, &entry->node);
}

struct ledger_entry *ledger_first(const struct tree *ledger)
{
    return entry_of(tree_first(ledger));
}

struct ledger_entry *ledger_next(const struct ledger_entry *entry)
{
    return entry_of(tree_next(&entry->node));
}

coreid_t ledger_owner(const struct cap_across *what)
{
    return CAP_IDENTITY_OWNER(what->words[WORD_IDENTITY]);
}

paddr_t ledger_base(const struct cap_across *what)
{
    return what->words[WORD_BASE];
}

struct cap_across ledger_with_rights(const struct cap_across *what, unsigned rights)
{
    struct cap_across narrowed = *what;

    narrowed.words[WORD_IDENTITY] = (narrowed.words[WORD_IDENTITY] & ~RIGHTS_MASK) | (uint64_t)rights
                                                                                         << RIGHTS_SHIFT;
    return narrowed;
}

void revoked_add(struct revoked *r, const struct cap_across *what, uint64_t upto)
{
    r->what[r->next] = *what;
    r->upto[r->next] = upto;
    r->next = (r->next + 1) % REVOKED_KEPT;
}

bool revoked_has(const struct revoked *r, const struct cap_across *what, uint64_t number)
{
    for (unsigned i = 0; i < REVOKED_KEPT; i++) {
        if (number <= r->upto[i] && compare_across(&r->what[i], what) == 0) {
            return true;
        }
    }
    return false;
}

bool ledger_check(const struct tree *ledger)
{
    return tree_check(ledger, compare_entries);
}
