/* SPDX-License-Identifier: MIT */
/* What is known about capabilities that more than one core has copies of: one ledger for those this core
 * owns, one for those it holds of others. The core server has a copy of each, so that it can be revoked, or
 * shared once more, whatever processes do with theirs. Pure. */
#ifndef INIT_LEDGER_H
#define INIT_LEDGER_H

#include <mudskipper/pure/tree.h>
#include <mudskipper/rt/cap.h>

struct ledger_entry {
    struct tree_node node;
    struct cap_across what; /* its rights do not matter for which it is */
    cptr_t copy;
    uint64_t cores; /* own: those that may hold copies; others': those that the owner has let have one, too */
    uint64_t again; /* own: those among them that got one more while it was asked back */
    unsigned askers; /* own: threads that ask it back now */
    uint64_t number; /* own: of the first time it was shared; others': of the last */
};

/* What a core was asked for lately. A copy that was on its way meanwhile must not come to life: it has a
 * number up to `upto`. Long enough for all that can be on its way through a ring. */
#define REVOKED_KEPT 512u

struct revoked {
    struct cap_across what[REVOKED_KEPT];
    uint64_t upto[REVOKED_KEPT]; /* 0: not used */
    unsigned next;
};

void revoked_add(struct revoked *r, const struct cap_across *what, uint64_t upto);
bool revoked_has(const struct revoked *r, const struct cap_across *what, uint64_t number);

void ledger_init(struct tree *ledger);

/* NULL: it is not there. */
struct ledger_entry *ledger_find(const struct tree *ledger, const struct cap_across *what);

/* The one that this identity means, whose generation is not known. */
struct ledger_entry *ledger_find_identity(const struct tree *ledger, const struct cap_identity *identity);

/* Not there before. */
void ledger_add(struct tree *ledger, struct ledger_entry *entry);
void ledger_remove(struct tree *ledger, struct ledger_entry *entry);

struct ledger_entry *ledger_first(const struct tree *ledger);
struct ledger_entry *ledger_next(const struct ledger_entry *entry);

/* Whether it is in order. */
bool ledger_check(const struct tree *ledger);

coreid_t ledger_owner(const struct cap_across *what);
paddr_t ledger_base(const struct cap_across *what);

/* The same with other rights. */
struct cap_across ledger_with_rights(const struct cap_across *what, unsigned rights);

#endif
