/* SPDX-License-Identifier: MIT */
/* The table of a nameserver: which name stands for which service, since when, by whose right. Pure: no system
 * call, no clock, memory through the caller's functions. The nameserver's messages are not its business.
 *
 * Life of a service id, which the caller makes up and never uses twice:
 *
 *               ns_register                      the holder before it ended
 *   (unknown) ──────────────▶ queued ───────────────────────────────────────▶ holding the name
 *       │                       │                                                ▲    │
 *       └───────────────────────┼──────── ns_register: the name was free ────────┘    │
 *                               ▼                                                     ▼
 *                        ended, until ns_ended tells it ◀──── deregistered, replaced, owner or grant gone
 *
 * and of a name:
 *
 *   never heard of ──▶ held, generation g ──▶ vacant, remembers g ──▶ held, generation g + 1 ──▶ …
 *                                                  │
 *                                                  └──▶ forgotten, when too many are vacant
 *
 * Generations. Each holder of a name has a higher one than all before it, so a handle that remembers (name,
 * generation) can be told STALE. Vacant names are remembered for that, the last `remember` of them; the
 * highest generation ever forgotten is the floor from which names not known start, so none comes twice.
 *
 * Revisions. Every change of a name's holder has one: 1, 2, 3 … over the whole table. The change log is the
 * names themselves in the order of their last change: nothing has to be written to delete, a watcher who is
 * slow gets the last state of each name instead of every step, and is `lost` only when a vacant name it has
 * not heard of was forgotten.
 *
 *   revision   3      7      8      9     12
 *            held   vacant  held  vacant  held     a watcher at 7 is told of 8, 9 and 12
 *
 * Rights. Whoever registers shows a grant: the right to a prefix. Grants form a tree; a child's prefix is
 * below its parent's. Revoking one ends its descendants and all that was registered by them. Ids are for the
 * nameserver, which finds them by the badge of the caller; they are no secrets and no capabilities.
 *
 * Waiting. A look-up may wait for a name. Who was woken, and which services ended, is told by two queues that
 * the caller empties after each operation (ns_woken, ns_ended): nothing is called back.
 *
 * Rules
 *  - One thread at a time: the caller serialises. Nothing blocks.
 *  - A call that returns an error has changed nothing.
 *  - Only ns_table_init, ns_register, ns_grant_make and ns_wait ask for memory; nothing that ends something
 *    does, so nothing that ends something can fail for want of it.
 *  - Costs: n names, k things that end: look-ups and changes O(log n), endings O(k log n).
 *
 * Sources of ideas: revisions and watches from a revision after etcd, the log kept by key after compacted
 * topics in Kafka, generations of handles after Barrelfish's octopus and HelenOS's service ids. */
#ifndef MUDSKIPPER_NS_TABLE_H
#define MUDSKIPPER_NS_TABLE_H

#include <mudskipper/ns/name.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/list.h>
#include <mudskipper/pure/tree.h>

/* Where the table has its memory from. Both must not call the table. */
struct ns_memory {
    void *(*take)(void *context, size_t bytes); /* 16-byte aligned; NULL: there is none */
    void (*give)(void *context, void *at, size_t bytes);
    void *context;
};

/* Whose registration, or who waits. The epoch counts the starts of the core. */
struct ns_owner {
    coreid_t core;
    uint32_t epoch;
    uint64_t process;
};

/* ---- the table ---- */

/* Fields are private: use the functions. */
struct ns_table {
    struct ns_memory memory;
    struct tree names;      /* struct entry, by name: held, vacant */
    struct tree changes;    /* the same, by revision */
    struct tree services;   /* struct offer, by service */
    struct tree owners;     /* struct owner, by core, epoch, process */
    struct tree grants;     /* struct grant, by id */
    struct tree waiters;    /* struct waiter that waits, by name, then id */
    struct tree deadlines;  /* the same, by deadline */
    struct tree waiter_ids; /* struct waiter, waiting or woken, by id */
    struct list vacant;     /* struct entry, by revision */
    struct list ended;      /* struct offer */
    struct list woken;      /* struct waiter */
    size_t remember;        /* greatest number of vacant names */
    size_t vacant_count;
    size_t name_count; /* held and vacant */
    size_t queued_count;
    size_t ended_count;
    size_t owner_count;
    size_t grant_count;
    size_t waiter_count;
    uint64_t revision;  /* of the last change */
    uint64_t forgotten; /* highest revision of a vacant name that was forgotten */
    uint64_t floor;     /* highest generation of one */
    uint64_t next_grant;
    uint64_t next_waiter;
    uint64_t bytes; /* out of memory.take */
};

#define NS_GRANT_ROOT 1u /* the right to every name; there from the start, never revoked */

/* Makes an empty table that remembers the last `remember` vacant names. It may not be moved afterwards.
 *   NO_MEMORY */
err_t ns_table_init(struct ns_table *t, const struct ns_memory *memory, size_t remember) MUST_USE;

/* Gives all memory back. */
void ns_table_end(struct ns_table *t);

/* ---- rights ---- */

/* A right to `prefix`, derived from `parent`. *grant is set on success only; ids are never used twice.
 *   NAME_SYNTAX  (detail: position in the prefix)
 *   NOT_FOUND    there is no grant `parent`
 *   NAME_PREFIX  the prefix is not below the parent's
 *   NO_MEMORY */
err_t ns_grant_make(struct ns_table *t, uint64_t parent, struct text prefix, uint64_t *grant) MUST_USE;

/* Ends a grant, those derived from it, and all that was registered by them, queued ones too.
 *   NOT_FOUND
 *   BAD_ARGUMENT  it is the root (detail: 1) */
err_t ns_grant_revoke(struct ns_table *t, uint64_t grant) MUST_USE;

struct ns_grant_view {
    uint64_t grant;
    uint64_t parent;    /* 0: the root's */
    struct text prefix; /* lies in the table until the grant is revoked */
    size_t services;    /* registered by it, not counting its descendants */
};

/* The grant with the lowest id >= `from`; false: there is none. */
bool ns_grant_next(const struct ns_table *t, uint64_t from, struct ns_grant_view *view);

/* May the holder of this grant register this name?
 *   NAME_SYNTAX
 *   NAME_PREFIX  no, or there is no such grant (any more) */
err_t ns_grant_check(const struct ns_table *t, uint64_t grant, struct text name) MUST_USE;

/* ---- registering ---- */

struct ns_request {
    uint64_t grant;
    struct text name;
    struct text attributes; /* both are copied */
    uint64_t service;
    struct ns_owner owner;
    enum ns_mode mode;
};

struct ns_registered {
    bool queued;         /* then both others are 0 */
    uint64_t generation; /* of the name */
    uint64_t revision;
};

/* *result is set on success only. The refusals, in the order they are looked for:
 *   NAME_SYNTAX      (detail: position)
 *   NAME_ATTRIBUTES  (detail: position)
 *   BAD_ARGUMENT     there is no such mode (detail: 6)
 *   NAME_PREFIX      the grant is not there, or not for this name
 *   EXISTS           the service id is in use
 *   NAME_TAKEN       held; with NS_REPLACE: by a grant that is not below this one
 *   NO_MEMORY */
err_t ns_register(struct ns_table *t, const struct ns_request *request,
                  struct ns_registered *result) MUST_USE;

/* Ends a service, holding or queued.
 *   NOT_FOUND  this owner has no such service */
err_t ns_deregister(struct ns_table *t, struct ns_owner owner, uint64_t service) MUST_USE;

/* A process is gone: ends all its services; none of its queued ones takes over in between. Its waiters are
 * dropped without being told. Returns how many services ended. */
size_t ns_owner_gone(struct ns_table *t, struct ns_owner owner);

/* The same for all processes of a core of this epoch and the ones before. */
size_t ns_core_gone(struct ns_table *t, coreid_t core, uint32_t epoch);

struct ns_ended {
    uint64_t service;
    uint64_t generation; /* 0: it was queued and never held the name */
    struct ns_owner owner;
};

/* The next service that ended, in order: handles to it must be revoked. Each service that ns_register took is
 * told exactly once. False: there is none (more). */
bool ns_ended(struct ns_table *t, struct ns_ended *ended);

/* ---- looking up ---- */

/* What is known about a held name. The texts lie in the table until its next change. */
struct ns_view {
    struct text name;
    struct text attributes;
    uint64_t service;
    uint64_t generation;
    uint64_t revision;
    uint64_t grant;
    struct ns_owner owner;
    size_t queued; /* how many wait to take over */
};

/* *view is set on success only.
 *   NAME_SYNTAX
 *   NAME_UNKNOWN  nobody holds it */
err_t ns_lookup(const struct ns_table *t, struct text name, struct ns_view *view) MUST_USE;

/* As ns_lookup, for somebody who has a handle of this generation.
 *   STALE  another one holds the name (detail: its generation) */
err_t ns_lookup_same(const struct ns_table *t, struct text name, uint64_t generation,
                     struct ns_view *view) MUST_USE;

/* By service id; false: it is not there, or queued. */
bool ns_service_find(const struct ns_table *t, uint64_t service, struct ns_view *view);

/* How far an enumeration came: the last name that was given. It stays right whatever changes in between: a
 * name that is held from beginning to end is given once. Start with one that is all zero. */
struct ns_cursor {
    uint8_t length;
    char name[NS_NAME_MAX];
};

/* The next held names in order, at or below `prefix` and matching `query` (NULL: all), at most `room`;
 * returns how many. Fewer than `room`: that was the end. The cursor is behind the last one then.
 * A prefix that is none matches nothing. */
size_t ns_enumerate(const struct ns_table *t, struct text prefix, const struct ns_query *query,
                    struct ns_cursor *cursor, struct ns_view *views, size_t room);

/* ---- watching ---- */

enum ns_change {
    NS_NONE,   /* nothing new */
    NS_PUT,    /* the name has this holder now */
    NS_DELETE, /* nobody holds it; of the view only name, generation (the last) and revision count */
    NS_LOST,   /* deletions may have been missed: enumerate, then watch on */
};

/* The next change at or below `prefix` after *revision, which moves to it; with NS_NONE and NS_LOST it moves
 * to the table's. A watcher begins, and after NS_LOST begins anew, by an enumeration: what changes in the
 * course of it is told by the watch from the revision the table had before. A revision still to come is of
 * another table, so that is NS_LOST too. */
enum ns_change ns_watch(const struct ns_table *t, struct text prefix, uint64_t *revision,
                        struct ns_view *view);

static inline uint64_t ns_revision(const struct ns_table *t)
{
    return t->revision;
}

/* ---- waiting for a name ---- */

/* Waits until somebody holds the name or `deadline` has passed; ns_woken tells, with `cookie`, which may be
 * at once. *waiter, for ns_wait_cancel, is set on success only. NAME_SYNTAX NO_MEMORY */
err_t ns_wait(struct ns_table *t, struct ns_owner owner, struct text name, nanos_t deadline, uint64_t cookie,
              uint64_t *waiter) MUST_USE;

/* Nobody is told.
 *   NOT_FOUND  no such waiter of this owner, or ns_woken has told it */
err_t ns_wait_cancel(struct ns_table *t, struct ns_owner owner, uint64_t waiter) MUST_USE;

/* Wakes those whose deadline is <= now. */
void ns_expire(struct ns_table *t, nanos_t now);

/* When to call ns_expire next; NANOS_NEVER: not at all. */
nanos_t ns_deadline(const struct ns_table *t);

struct ns_woken {
    uint64_t waiter;
    uint64_t cookie;
    struct ns_owner owner;
    err_t error;         /* OK or TIMEOUT */
    struct ns_view view; /* when OK */
};

/* The next one whose waiting is over; false: there is none (more). Who was woken by a holder that has ended
 * since goes on waiting. */
bool ns_woken(struct ns_table *t, struct ns_woken *woken);

/* ---- looking at it ---- */

struct ns_stats {
    size_t held;    /* names */
    size_t vacant;  /* names remembered */
    size_t queued;  /* services */
    size_t ended;   /* services, not told yet */
    size_t waiting; /* look-ups, woken ones included */
    size_t owners;
    size_t grants;
    uint64_t revision;
    uint64_t forgotten; /* watchers of an earlier revision are lost */
    uint64_t bytes;
};

void ns_stats(const struct ns_table *t, struct ns_stats *stats);

/* Walks everything and compares, N1: every index has every object once, in order; each name has one holder or
 * is vacant; revisions and generations fit; everything registered lies below its grant (N4), every grant
 * below its parent; no owner without anything. Writes a line per fault to the sink (NULL: quiet), returns the
 * number of faults. O(n log n). */
size_t ns_validate(const struct ns_table *t, format_sink_t sink, void *context);

/* Writes grants, names, what is queued, waiters, one line each. */
void ns_dump(const struct ns_table *t, format_sink_t sink, void *context);

#endif
