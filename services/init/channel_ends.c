/* SPDX-License-Identifier: MIT */
#include "channel_ends.h"
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bitmap.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "memory.h"
#include "processes.h"

#define SENT_MAX 255u /* a message's worth of capabilities on their way, and no more */

struct sent_cap {
    struct list_node node;
    uint32_t token;
    cptr_t slot;
};

static struct tree ends;
static uint32_t last_number;
static uint64_t notify_used[BITMAP_WORDS(CAP_NOTIFY_CHANNELS)];

static struct channel_end *end_at(const struct tree_node *n)
{
    return CONTAINER_OF(n, struct channel_end, node);
}

static int compare_number(const void *number, const struct tree_node *n)
{
    uint32_t a = *(const uint32_t *)number;
    uint32_t b = end_at(n)->number;

    return a < b ? -1 : a > b;
}

static int compare_ends(const struct tree_node *a, const struct tree_node *b)
{
    return compare_number(&end_at(a)->number, b);
}

struct channel_end *end_find(uint32_t process, uint32_t number)
{
    struct tree_node *n = tree_find(&ends, &number, compare_number);

    return n != NULL && end_at(n)->process == process ? end_at(n) : NULL;
}

struct channel_end *end_of_process(uint32_t process)
{
    TREE_FOREACH(n, &ends)
    {
        if (end_at(n)->process == process) {
            return end_at(n);
        }
    }
    return NULL;
}

/* ---- making */

static err_t make_notify(struct channel_end *end, uint32_t bit)
{
    const struct process *p = processes_find(end->process);
    size_t channel = bitmap_find_clear(notify_used, CAP_NOTIFY_CHANNELS, CAP_NOTIFY_CORES);
    err_t e;

    if (p == NULL || p->ended) {
        return err_make(ERR_PEER_GONE, 0);
    }
    if (channel == BITMAP_NONE) {
        return err_make(ERR_LIMIT, CAP_NOTIFY_CHANNELS - CAP_NOTIFY_CORES);
    }
    e = cap_notify_make((unsigned)channel, end->slots + END_NOTIFY);
    if (err_ok(e)) {
        e = cap_notify_bind(end->slots + END_NOTIFY, p->dispatcher, bit);
    }
    if (err_ok(e)) {
        bitmap_set(notify_used, channel);
        end->notify = (unsigned)channel;
    }
    return e;
}

static void free_end(struct channel_end *end)
{
    for (unsigned i = 0; i < END_SLOTS; i++) {
        slot_delete(end->slots + i);
    }
    heap_free(memory_heap(), end);
}

err_t end_make(uint32_t process, uint32_t bit, struct channel_end **made)
{
    struct channel_end *end = heap_calloc(memory_heap(), 1, sizeof(*end));
    err_t e;

    if (end == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*end));
    }
    e = slot_alloc_run(END_SLOTS, &end->slots);
    if (!err_ok(e)) {
        heap_free(memory_heap(), end);
        return e;
    }
    end->process = process;
    list_init(&end->sent);
    e = make_notify(end, bit);
    if (!err_ok(e)) {
        free_end(end);
        return e;
    }
    end->number = ++last_number;
    tree_insert(&ends, &end->node, compare_ends);
    *made = end;
    return OK;
}

err_t end_make_rings(struct channel_end *client)
{
    cptr_t ram;
    paddr_t base;
    err_t e = slot_alloc(&ram);

    if (!err_ok(e)) {
        return e;
    }
    e = memory_alloc(client->process, CHANNEL_BYTES, ram, &base);
    if (err_ok(e)) {
        client->memory = base;
        e = cap_retype(ram, 0, CAP_TYPE_FRAME, CHANNEL_BYTES, 1, client->slots + END_FRAME);
    }
    slot_delete(ram); /* the account has it */
    return e;
}

static err_t give_wake(struct channel_end *from, struct channel_end *to)
{
    return cap_narrow(from->slots + END_NOTIFY, to->slots + END_WAKE, CAP_WRITE | CAP_GRANT | CAP_IDENTIFY);
}

err_t end_join(struct channel_end *client, struct channel_end *server)
{
    err_t e = cap_copy(client->slots + END_FRAME, server->slots + END_FRAME);

    if (err_ok(e)) {
        e = give_wake(client, server);
    }
    if (err_ok(e)) {
        e = give_wake(server, client);
    }
    if (err_ok(e)) {
        client->other = server;
        server->other = client;
    }
    return e;
}

/* ---- ending */

/* From here on nobody reaches the rings, and their memory is free. */
static void take_rings_away(struct channel_end *client)
{
    err_t e;

    if (client->memory != 0) {
        e = memory_free(client->process, client->memory, CHANNEL_BYTES);
        client->memory = 0;
        (void)e; /* what cannot be freed now is with the account */
    }
}

static void forget_sent(struct channel_end *end)
{
    struct list_node *n;

    while ((n = list_pop_front(&end->sent)) != NULL) {
        struct sent_cap *s = CONTAINER_OF(n, struct sent_cap, node);

        slot_delete(s->slot);
        heap_free(memory_heap(), s);
    }
    end->sent_count = 0;
}

/* Copies of it are everywhere; none is left when its number is used again. */
static void end_notify(struct channel_end *end)
{
    err_t e = cap_revoke(end->slots + END_NOTIFY);

    (void)e;
    bitmap_clear(notify_used, end->notify);
}

void end_drop(struct channel_end *end)
{
    struct channel_end *other = end->other;

    take_rings_away(end);
    if (other != NULL) {
        err_t e;

        take_rings_away(other);
        forget_sent(other);
        other->other = NULL;
        e = cap_notify_signal(other->slots + END_NOTIFY); /* it looks, and finds them gone */
        (void)e;                                          /* its process may have ended, too */
    }
    forget_sent(end);
    end_notify(end);
    tree_remove(&ends, &end->node);
    free_end(end);
}

/* ---- capabilities on their way */

err_t end_send(struct channel_end *end, cptr_t cap, uint32_t *token)
{
    struct sent_cap *s;

    if (end->other == NULL) {
        return err_make(ERR_PEER_GONE, 0);
    }
    if (end->sent_count == SENT_MAX) {
        return err_make(ERR_LIMIT, SENT_MAX);
    }
    s = heap_malloc(memory_heap(), sizeof(*s));
    if (s == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*s));
    }
    s->token = ++end->last_token;
    s->slot = cap;
    list_push_back(&end->sent, &s->node);
    end->sent_count++;
    *token = s->token;
    return OK;
}

cptr_t end_take(struct channel_end *end, uint32_t token)
{
    LIST_FOREACH(n, &end->sent)
    {
        struct sent_cap *s = CONTAINER_OF(n, struct sent_cap, node);
        cptr_t slot = s->slot;

        if (s->token == token) {
            list_remove(&s->node);
            end->sent_count--;
            heap_free(memory_heap(), s);
            return slot;
        }
    }
    return CPTR_NULL;
}
