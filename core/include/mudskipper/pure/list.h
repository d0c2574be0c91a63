/* SPDX-License-Identifier: MIT */
/* Intrusive doubly linked lists, circular with a head. A list_node lies in the object; the list owns nothing.
 * All operations are O(1), except where said.
 *
 *        head          object A       object B
 *      +------+        +------+       +------+
 *   +->| next |------->| next |------>| next |--+
 *   |  | prev |<-------| prev |<------| prev |  |      an empty list's head points to itself;
 *   |  +------+        +------+       +------+  |      a node that is in no list has both NULL
 *   +-------------------------------------------+
 */
#ifndef MUDSKIPPER_PURE_LIST_H
#define MUDSKIPPER_PURE_LIST_H

#include <mudskipper/abi/types.h>

struct list_node {
    struct list_node *next;
    struct list_node *prev;
};

struct list {
    struct list_node head;
};

/* The object that `member` of type `type` lies in. */
#define CONTAINER_OF(pointer, type, member)                                                                  \
    ((type *)(void *)((char *)(1 ? (pointer) : &((type *)0)->member) - offsetof(type, member)))

/* Static initialiser: struct list l = LIST_INITIAL(l); */
#define LIST_INITIAL(name)                                                                                   \
    {                                                                                                        \
        {                                                                                                    \
            &(name).head, &(name).head                                                                       \
        }                                                                                                    \
    }

static inline void list_init(struct list *l)
{
    l->head.next = l->head.prev = &l->head;
}

static inline void list_node_init(struct list_node *n)
{
    n->next = n->prev = NULL;
}

static inline bool list_empty(const struct list *l)
{
    return l->head.next == &l->head;
}

/* Is the node in some list? It must have been initialised, or been in a list before. */
static inline bool list_linked(const struct list_node *n)
{
    return n->next != NULL;
}

/* The node `n` is in no list. */
static inline void list_insert_before(struct list_node *place, struct list_node *n)
{
    n->next = place;
    n->prev = place->prev;
    place->prev->next = n;
    place->prev = n;
}

static inline void list_insert_after(struct list_node *place, struct list_node *n)
{
    list_insert_before(place->next, n);
}

static inline void list_push_front(struct list *l, struct list_node *n)
{
    list_insert_after(&l->head, n);
}

static inline void list_push_back(struct list *l, struct list_node *n)
{
    list_insert_before(&l->head, n);
}

/* Takes the node out of the list it is in. Nothing happens when it is in none. */
static inline void list_remove(struct list_node *n)
{
    if (list_linked(n)) {
        n->prev->next = n->next;
        n->next->prev = n->prev;
        list_node_init(n);
    }
}

/* NULL when empty. */
static inline struct list_node *list_first(const struct list *l)
{
    return list_empty(l) ? NULL : l->head.next;
}

static inline struct list_node *list_last(const struct list *l)
{
    return list_empty(l) ? NULL : l->head.prev;
}

/* The node behind or before n, NULL at the end. */
static inline struct list_node *list_next(const struct list *l, const struct list_node *n)
{
    return n->next == &l->head ? NULL : n->next;
}

static inline struct list_node *list_prev(const struct list *l, const struct list_node *n)
{
    return n->prev == &l->head ? NULL : n->prev;
}

/* The first or last node, removed; NULL when empty. */
static inline struct list_node *list_pop_front(struct list *l)
{
    struct list_node *n = list_first(l);
    if (n) {
        list_remove(n);
    }
    return n;
}

static inline struct list_node *list_pop_back(struct list *l)
{
    struct list_node *n = list_last(l);
    if (n) {
        list_remove(n);
    }
    return n;
}

/* Moves all of `from` behind the last of `to`; `from` is empty afterwards. */
static inline void list_append_list(struct list *to, struct list *from)
{
    if (!list_empty(from)) {
        from->head.next->prev = to->head.prev;
        to->head.prev->next = from->head.next;
        from->head.prev->next = &to->head;
        to->head.prev = from->head.prev;
        list_init(from);
    }
}

/* O(n). */
static inline size_t list_length(const struct list *l)
{
    size_t length = 0;
    for (const struct list_node *n = l->head.next; n != &l->head; n = n->next) {
        length++;
    }
    return length;
}

/* O(n): true when all links agree, forwards and backwards. A broken list ends the walk, it is not followed.
 */
static inline bool list_check(const struct list *l)
{
    const struct list_node *n = &l->head;
    do {
        if (!n->next || n->next->prev != n) {
            return false;
        }
        n = n->next;
    } while (n != &l->head);
    return true;
}

/* Over the nodes; the body may not remove `n`. LIST_FOREACH_SAFE: it may, and end its life. */
#define LIST_FOREACH(n, list) for (struct list_node *n = (list)->head.next; n != &(list)->head; n = n->next)

#define LIST_FOREACH_SAFE(n, list)                                                                           \
    for (struct list_node *n = (list)->head.next, *n##_next = n->next; n != &(list)->head;                   \
         n = n##_next, n##_next = n->next)

#endif
