/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <mudskipper/pure/bitmap.h>
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/notify.h>
#include "sched.h"

#define BITS (DISPATCHER_NOTIFY_WORDS * BITMAP_WORD_BITS)

static uint64_t used[DISPATCHER_NOTIFY_WORDS];
static struct list by_word[DISPATCHER_NOTIFY_WORDS]; /* all zero: empty, not used yet */
static bool installed;

/* Entered. Hands the event to one thread, or keeps it for the next that asks. */
static void set(struct notification *n)
{
    struct list *waiting = n->group != NULL ? &n->group->waiting : &n->waiting;
    struct list_node *node = list_first(waiting);

    if (n->over) {
        return;
    }
    if (n->group != NULL) {
        if (!n->set) {
            n->set = true;
            list_push_back(&n->group->ready, &n->ready_node);
        }
        if (node != NULL) {
            sched_wake(CONTAINER_OF(node, struct thread, node));
        }
    } else if (node != NULL) {
        sched_wake(CONTAINER_OF(node, struct thread, node));
    } else {
        n->set = true;
    }
}

static void take_word(unsigned word)
{
    uint64_t bits = atomic_exchange(&sched.user->notify[word], 0);

    if (by_word[word].head.next == NULL) {
        return; /* nobody was ever told these bits */
    }
    LIST_FOREACH(node, &by_word[word])
    {
        struct notification *n = CONTAINER_OF(node, struct notification, node);

        if (bits >> n->bit % BITMAP_WORD_BITS & 1) {
            set(n);
        }
    }
}

/* Entered. The summary is cleared first: a bit set meanwhile is seen here or sets it again. */
static void on_notify(void)
{
    uint64_t words = atomic_exchange(&sched.user->notify_summary, 0);

    for (; words != 0; words &= words - 1) {
        take_word((unsigned)__builtin_ctzll(words));
    }
}

void notification_group_init(struct notification_group *g)
{
    list_init(&g->ready);
    list_init(&g->waiting);
}

err_t notification_open(struct notification *n)
{
    return notification_open_in(n, NULL);
}

err_t notification_open_in(struct notification *n, struct notification_group *g)
{
    size_t bit;

    SCHED_TOUCH(n);
    sched_enter();
    bit = bitmap_find_clear(used, BITS, 0);
    if (bit == BITMAP_NONE) {
        sched_leave();
        return err_make(ERR_LIMIT, BITS);
    }
    if (!installed) {
        installed = true;
        rt_on_notify(on_notify);
    }
    bitmap_set(used, bit);
    list_init(&n->waiting);
    list_node_init(&n->ready_node);
    n->group = g;
    n->bit = (unsigned)bit;
    n->hands = 0;
    n->set = false;
    n->over = false;
    if (by_word[bit / BITMAP_WORD_BITS].head.next == NULL) {
        list_init(&by_word[bit / BITMAP_WORD_BITS]);
    }
    list_push_back(&by_word[bit / BITMAP_WORD_BITS], &n->node);
    sched_leave();
    return OK;
}

void notification_close(struct notification *n)
{
    sched_enter();
    list_remove(&n->node);
    list_remove(&n->ready_node);
    bitmap_clear(used, n->bit);
    sched_leave();
}

bool notification_wait(struct notification *n, nanos_t deadline)
{
    bool came;

    sched_enter();
    came = n->set;
    n->set = false;
    if (!came) {
        list_push_back(&n->waiting, &sched.current->node);
        came = sched_block(deadline);
    }
    sched_leave();
    return came;
}

/* Entered. Whoever was woken may find that another thread was quicker. */
static struct notification *pop(struct notification_group *g, nanos_t deadline)
{
    struct list_node *node;

    while ((node = list_pop_front(&g->ready)) == NULL) {
        list_push_back(&g->waiting, &sched.current->node);
        if (!sched_block(deadline)) {
            node = list_pop_front(&g->ready); /* the last moment */
            break;
        }
    }
    return node != NULL ? CONTAINER_OF(node, struct notification, ready_node) : NULL;
}

struct notification *notification_wait_any(struct notification_group *g, nanos_t deadline)
{
    struct notification *n;

    sched_enter();
    n = pop(g, deadline);
    if (n != NULL) {
        n->set = false;
        n->hands++; /* at once: from here on nobody else may free it */
    }
    sched_leave();
    return n;
}

bool notification_put(struct notification *n, bool over)
{
    bool last;

    sched_enter();
    n->hands--;
    if (over) {
        n->over = true;
        n->set = false;
        list_remove(&n->ready_node);
    }
    last = n->over && n->hands == 0;
    sched_leave();
    return last;
}

void notification_set(struct notification *n)
{
    sched_enter();
    set(n);
    sched_leave();
}
