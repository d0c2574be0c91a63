/* SPDX-License-Identifier: MIT */
/* What the table is made of. Who points at whom:
 *
 *            by prefix        registered by          holder, queue
 *   grant ◀───────────── grant ◀─────────── offer ────────────────▶ entry (a name)
 *                                             │
 *                          owner ◀────────────┘
 *                            ▲
 *                            └──────────────── waiter (has a copy of the name; entries know nothing of it)
 *
 * An offer is in the service index, its owner's list, its grant's list, and is its entry's holder or in its
 * queue; once ended it is in the table's list `ended` and nowhere else, and its pointers are NULL. */
#ifndef NS_INTERNAL_H
#define NS_INTERNAL_H

#include <mudskipper/ns/table.h>

struct owner {
    struct tree_node node;
    struct ns_owner who;
    struct list offers;
    struct list waiters;
};

struct grant {
    struct tree_node node;
    struct list_node sibling;
    struct list children;
    struct list offers;
    size_t offer_count;
    struct grant *parent;
    uint64_t id;
    uint8_t length;
    char prefix[];
};

struct entry {
    struct tree_node by_name;
    struct tree_node by_revision;
    struct list_node in_vacant;
    struct list queue;
    size_t queued; /* its length */
    struct offer *holder;
    uint64_t generation; /* of the holder, or the last one */
    uint64_t revision;
    uint8_t length;
    char name[];
};

struct offer {
    struct tree_node by_service;
    struct list_node in_queue;
    struct list_node of_owner;
    struct list_node of_grant;
    struct list_node ending; /* among those that end together, then in `ended` */
    struct entry *entry;
    struct owner *owner;
    struct grant *grant;
    struct ns_owner who;
    uint64_t service;
    uint64_t generation; /* 0: has never held */
    size_t length;
    char attributes[];
};

enum waiter_state { WAITING, WOKEN, EXPIRED };

struct waiter {
    struct tree_node by_name;     /* while WAITING */
    struct tree_node by_deadline; /* while WAITING */
    struct tree_node by_id;
    struct list_node of_owner;
    struct list_node in_woken; /* while not WAITING */
    struct owner *owner;
    enum waiter_state state;
    nanos_t deadline;
    uint64_t id;
    uint64_t cookie;
    uint8_t length;
    char name[];
};

static inline bool ns_label_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static inline struct text ns_entry_name(const struct entry *e)
{
    return (struct text){e->name, e->length};
}

static inline struct text ns_grant_prefix(const struct grant *g)
{
    return (struct text){g->prefix, g->length};
}

static inline struct text ns_waiter_name(const struct waiter *w)
{
    return (struct text){w->name, w->length};
}

/* own.c: memory, zeroed and counted; NULL when there is none. give: NULL is nothing. */
void *ns_take(struct ns_table *t, size_t bytes);
void ns_give(struct ns_table *t, void *at, size_t bytes);
void ns_entry_free(struct ns_table *t, struct entry *e);
void ns_grant_free(struct ns_table *t, struct grant *g);
void ns_offer_free(struct ns_table *t, struct offer *o);
void ns_waiter_free(struct ns_table *t, struct waiter *w);

/* own.c: the record of an owner, made if need be (NULL: no memory); put back unless something belongs to it.
 */
struct owner *ns_owner_record(struct ns_table *t, struct ns_owner who);
void ns_owner_release(struct ns_table *t, struct owner *o);

/* order.c */
int ns_by_name(const struct tree_node *a, const struct tree_node *b);
int ns_by_revision(const struct tree_node *a, const struct tree_node *b);
int ns_by_service(const struct tree_node *a, const struct tree_node *b);
int ns_by_owner(const struct tree_node *a, const struct tree_node *b);
int ns_by_grant(const struct tree_node *a, const struct tree_node *b);
int ns_by_waited_name(const struct tree_node *a, const struct tree_node *b);
int ns_by_deadline(const struct tree_node *a, const struct tree_node *b);
int ns_by_waiter(const struct tree_node *a, const struct tree_node *b);

/* NULL when there is none. The *_from ones: the first that is not before. */
struct entry *ns_entry_find(const struct ns_table *t, struct text name);
struct entry *ns_entry_from(const struct ns_table *t, struct text name);
struct entry *ns_change_from(const struct ns_table *t, uint64_t revision);
struct offer *ns_offer_find(const struct ns_table *t, uint64_t service);
struct owner *ns_owner_find(const struct ns_table *t, struct ns_owner who);
struct owner *ns_owner_from(const struct ns_table *t, struct ns_owner who);
struct grant *ns_grant_find(const struct ns_table *t, uint64_t id);
struct grant *ns_grant_from(const struct ns_table *t, uint64_t id);
struct waiter *ns_waiter_find(const struct ns_table *t, uint64_t id);
struct waiter *ns_waiter_of_name(const struct ns_table *t, struct text name);

bool ns_same_owner(struct ns_owner a, struct ns_owner b);

/* grant.c: is `g` this grant or derived from it? */
bool ns_grant_covers(const struct grant *grant, const struct grant *g);

/* hold.c: the offer becomes the holder of an entry that has none; the entry loses its holder, for the next in
 * the queue or for nobody, and may be forgotten then. */
void ns_hold(struct ns_table *t, struct entry *e, struct offer *o);
void ns_vacate(struct ns_table *t, struct entry *e);

/* end.c: offers that end together are collected (by `ending`) and then ended; returns how many. The list is
 * empty afterwards. */
void ns_doom(struct list *doomed, struct offer *o);
size_t ns_end_all(struct ns_table *t, struct list *doomed);

/* wait.c */
void ns_wake_name(struct ns_table *t, struct text name);

/* look.c */
void ns_view_entry(const struct entry *e, struct ns_view *view);

#endif
