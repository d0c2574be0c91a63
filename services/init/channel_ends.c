/* SPDX-License-Identifier: MIT */
#include "channel_ends.h"
#include "check.h"
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bitmap.h>
#include <mudskipper/rpc/server.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include "memory.h"
#include "processes.h"
#include "shared.h"

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

struct channel_end *end_find_far(coreid_t core, uint32_t number)
{
    struct tree_node *n = tree_find(&ends, &number, compare_number);

    return n != NULL && end_at(n)->far && end_at(n)->far_core == core ? end_at(n) : NULL;
}

struct channel_end *end_find_asking(coreid_t core, uint32_t number)
{
    struct tree_node *n = tree_find(&ends, &number, compare_number);

    return n != NULL && end_at(n)->asking != NULL && end_at(n)->far_core == core ? end_at(n) : NULL;
}

bool end_has_process(const struct channel_end *end)
{
    const struct process *p = processes_find(end->process);

    return p != NULL && !p->ended;
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

/* A bit that the process uses anew: what had it and is over is none of its channels any more. So it is with
 * a client that left while it was accepted: the server never got to know the end. */
static void drop_unknown(uint32_t process, uint32_t bit)
{
    struct channel_end *found = NULL;

    TREE_FOREACH(n, &ends)
    {
        if (end_at(n)->process == process && end_at(n)->bit == bit && end_at(n)->over) {
            found = end_at(n);
        }
    }
    if (found != NULL) {
        end_drop(found, NULL);
    }
}

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
        e = err_is(e, ERR_PROC_NOT_RUNNABLE) ? err_make(ERR_PEER_GONE, 0)
                                             : e; /* its end is about to be told */
    }
    if (err_ok(e)) {
        e = cap_narrow(end->slots + END_NOTIFY, end->slots + END_GIVEN, CAP_WRITE | CAP_GRANT | CAP_IDENTIFY);
    }
    if (err_ok(e)) {
        bitmap_set(notify_used, channel);
        end->notify = (unsigned)channel;
    }
    return e;
}

static void free_slots(struct channel_end *end)
{
    for (unsigned i = 0; i < END_SLOTS; i++) {
        slot_delete(end->slots + i);
    }
    heap_free(memory_heap(), end);
}

/* Copies of its Notify are everywhere; none is left when the number is used again. */
void end_free(struct channel_end *end)
{
    err_t e = cap_revoke(end->slots + END_NOTIFY);

    if (err_ok(e) || err_is(e, ERR_CAP_EMPTY_SLOT)) { /* a process that has a copy may have revoked it */
        bitmap_clear(notify_used, end->notify);
    }
    free_slots(end);
}

err_t end_make(uint32_t process, uint32_t bit, struct channel_end **made)
{
    struct channel_end *end;
    err_t e;

    drop_unknown(process, bit);
    end = heap_calloc(memory_heap(), 1, sizeof(*end));
    if (end == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*end));
    }
    e = slot_alloc_run(END_SLOTS, &end->slots);
    if (!err_ok(e)) {
        heap_free(memory_heap(), end);
        return e;
    }
    end->process = process;
    end->bit = bit;
    list_init(&end->sent);
    e = make_notify(end, bit);
    if (!err_ok(e)) {
        free_slots(end);
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

err_t end_join(struct channel_end *client, struct channel_end *server)
{
    err_t e = cap_copy(client->slots + END_FRAME, server->slots + END_FRAME);

    if (err_ok(e)) {
        e = cap_copy(client->slots + END_GIVEN, server->slots + END_WAKE);
    }
    if (err_ok(e)) {
        e = cap_copy(server->slots + END_GIVEN, client->slots + END_WAKE);
    }
    if (err_ok(e)) {
        client->other = server;
        server->other = client;
    }
    return e;
}

/* ---- ending */

void end_free_rings(struct channel_end *client)
{
    if (client->memory != 0 && end_has_process(client)) {
        err_t e = memory_free(client->process, client->memory, CHANNEL_BYTES);

        (void)e; /* what cannot be freed now is with the account */
    }
    client->memory = 0;
}

void end_forget_sent(struct channel_end *end)
{
    struct list_node *n;

    while ((n = list_pop_front(&end->sent)) != NULL) {
        struct sent_cap *s = CONTAINER_OF(n, struct sent_cap, node);

        slot_delete(s->slot);
        heap_free(memory_heap(), s);
    }
    end->sent_count = 0;
}

void end_wake(const struct channel_end *end)
{
    err_t e = cap_notify_signal(end->slots + END_NOTIFY);

    (void)e; /* its process may have ended, too */
}

/* Its rings may be gone already, with all the process had: nobody reaches them then. */
static void take_rings_away(struct channel_end *client)
{
    err_t e = client->memory != 0 ? cap_revoke(client->slots + END_FRAME) : OK;

    (void)e;
    end_free_rings(client);
}

static void drop_near(struct channel_end *end)
{
    struct channel_end *other = end->other;

    take_rings_away(end);
    if (other != NULL) {
        take_rings_away(other);
        end_forget_sent(other);
        other->other = NULL;
        other->over = true;
        end_wake(other);
    }
    end_free(end);
}

/* One that is still connecting finds out when its process is told. */
static void lost_rings(struct channel_end *end)
{
    struct channel_end *other = end->other;

    end->memory = 0;
    end_forget_sent(end);
    if (other != NULL) {
        end_forget_sent(other);
        other->other = NULL;
        other->over = true;
        end->other = NULL;
        end->over = true;
        end_wake(other);
    } else if (end->far) {
        end->far = false;
        end->over = true;
        end->tell_far = true;
        end_work(end);
    }
    end_wake(end);
}

void end_lost_memory(uint32_t process, paddr_t base, uint64_t bytes)
{
    TREE_FOREACH(n, &ends)
    {
        struct channel_end *end = end_at(n);

        if (end->process == process && end->memory != 0 && end->memory < base + bytes &&
            base < end->memory + CHANNEL_BYTES) {
            lost_rings(end);
        }
    }
}

/* The server's end of a channel nobody may use any more; both processes find out by their rings. */
static void cut(struct channel_end *server)
{
    struct channel_end *client = server->other;

    server->serves = false;
    if (client != NULL) {
        take_rings_away(client);
        lost_rings(client);
    } else if (server->far) {
        err_t e = shared_drop(server->slots + END_FRAME);

        (void)e;
        lost_rings(server);
    }
}

void end_look_at_handles(void)
{
    struct cap_identity handle;

    TREE_FOREACH(n, &ends)
    {
        if (end_at(n)->serves && !err_ok(cap_identify(end_at(n)->slots + END_HANDLE, &handle))) {
            cut(end_at(n));
        }
    }
}

/* A dead process's rings are asked back with all its memory, by who ends it. */
static void drop_far(struct channel_end *end, struct rpc_request *kept)
{
    if (end->memory == 0 && end->far) {
        err_t e = shared_drop(end->slots + END_FRAME);

        (void)e;
    }
    if (end->handle != CPTR_NULL) {
        rpc_fail(end->kept, err_make(ERR_CANCELLED, 0));
    }
    if (end->asking != NULL) {
        thread_hurry(end->asking, true);
    }
    end->kept = kept;
    end->tell_far = end->far;
    end->lose_rings = end->memory != 0 && end_has_process(end);
    end->far = false;
    end->dropped = true;
    end_work(end);
}

void end_drop(struct channel_end *end, struct rpc_request *kept)
{
    end_forget_sent(end);
    tree_remove(&ends, &end->node);
    if (end->crossed) {
        drop_far(end, kept);
        return;
    }
    drop_near(end);
    if (kept != NULL) {
        err_t e = rpc_reply_empty(kept, OK);

        (void)e;
    }
}

/* ---- capabilities on their way */

err_t end_send(struct channel_end *end, cptr_t cap, uint32_t *token)
{
    struct sent_cap *s;

    if (end->other == NULL && !end->far) {
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

static void check_end(struct walker *books, const struct channel_end *end)
{
    const struct process *p = processes_find(end->process);

    books_expect(books, p != NULL && !p->taken_back, "an end of a channel belongs to nobody", end->number);
    books_expect(books,
                 end->other == NULL ||
                     (end->other->other == end && !end->far &&
                      end_at(tree_find(&ends, &end->other->number, compare_number)) == end->other),
                 "two ends of a channel do not know each other", end->number);
    books_expect(books, bitmap_test(notify_used, end->notify), "an end has a notification that is free",
                 end->number);
    books_expect(books, end->sent_count == list_length(&end->sent),
                 "capabilities on their way are counted wrong", end->number);
}

void ends_check(struct walker *books)
{
    TREE_FOREACH(n, &ends)
    {
        check_end(books, end_at(n));
    }
    books_expect(books, tree_check(&ends, compare_ends), "ends of channels are out of order", last_number);
}
