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
    struct list_node *node = list_first(&n->waiting);

    if (node != NULL) {
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

err_t notification_open(struct notification *n)
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
    n->bit = (unsigned)bit;
    n->set = false;
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

void notification_set(struct notification *n)
{
    sched_enter();
    set(n);
    sched_leave();
}
