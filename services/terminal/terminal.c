/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#define CTRL_C  3u
#define AT_ONCE 64u /* bytes handed to or taken from the device in one step */

void terminal_init(struct terminal *t, const struct device *device, const struct terminal_calls *calls)
{
    t->device = *device;
    t->calls = calls;
    list_init(&t->writers);
    list_init(&t->readers);
    list_init(&t->flushers);
    list_init(&t->interrupted);
    t->ended = false;
    t->out.first = t->out.end = 0;
    t->in.first = t->in.end = 0;
}

static struct waiting *first(struct list *l)
{
    struct list_node *node = list_first(l);

    return node != NULL ? CONTAINER_OF(node, struct waiting, node) : NULL;
}

/* Nobody overtakes who waits. */
bool terminal_take(struct terminal *t, const uint8_t *data, uint32_t count)
{
    return list_empty(&t->writers) && count <= ring_room(&t->out) && ring_put(&t->out, data, count) == count;
}

void terminal_add_writer(struct terminal *t, struct waiting *w)
{
    list_push_back(&t->writers, &w->node);
}

void terminal_add_reader(struct terminal *t, struct waiting *w)
{
    list_push_back(&t->readers, &w->node);
}

void terminal_add_flusher(struct terminal *t, struct waiting *w)
{
    list_push_back(&t->flushers, &w->node);
}

void terminal_add_interrupted(struct terminal *t, struct waiting *w)
{
    list_push_back(&t->interrupted, &w->node);
}

static void answer_all(struct terminal *t, struct list *l)
{
    struct waiting *w;

    while ((w = first(l)) != NULL) {
        list_remove(&w->node);
        t->calls->done(w);
    }
}

/* ---- out */

static bool take_from_writers(struct terminal *t)
{
    bool progress = false;
    struct waiting *w;

    while ((w = first(&t->writers)) != NULL && ring_room(&t->out) > 0) {
        uint32_t now = ring_put(&t->out, w->data, w->count);

        if (now > 0) {
            w->data += now; /* none at all has no address */
            w->count -= now;
        }
        progress = true;
        if (w->count == 0) {
            list_remove(&w->node);
            t->calls->written(w);
        }
    }
    return progress;
}

static bool send(struct terminal *t)
{
    uint8_t bytes[AT_ONCE];
    uint32_t count = ring_look(&t->out, bytes, sizeof(bytes));
    uint32_t now = count > 0 ? t->device.driver->send(&t->device, bytes, count) : 0;

    ring_drop(&t->out, now);
    return now > 0;
}

/* ---- in */

static bool reads(const struct terminal *t, uint32_t client)
{
    LIST_FOREACH(node, &t->readers)
    {
        if (CONTAINER_OF(node, struct waiting, node)->client == client) {
            return true;
        }
    }
    return false;
}

/* Tells the last of those who wait for Ctrl-C that is still there. False: it is a byte like others. */
static bool interrupt(struct terminal *t)
{
    struct list_node *last;

    while ((last = list_last(&t->interrupted)) != NULL) {
        struct waiting *w = CONTAINER_OF(last, struct waiting, node);

        if (reads(t, w->client)) {
            return false;
        }
        list_remove(&w->node);
        if (t->calls->interrupted(w)) {
            return true;
        }
    }
    return false;
}

static void typed(struct terminal *t, uint8_t byte)
{
    static const char shown[] = "^C\n";

    if (byte == CTRL_C && interrupt(t)) {
        ring_drop(&t->in, ring_count(&t->in));
        ring_put(&t->out, (const uint8_t *)shown, sizeof(shown) - 1);
    } else {
        ring_put(&t->in, &byte, 1);
    }
}

static bool receive(struct terminal *t)
{
    uint8_t bytes[AT_ONCE];
    uint32_t room = ring_room(&t->in) < sizeof(bytes) ? ring_room(&t->in) : (uint32_t)sizeof(bytes);
    uint32_t count = room > 0 ? t->device.driver->receive(&t->device, bytes, room) : 0;

    for (uint32_t i = 0; i < count; i++) {
        typed(t, bytes[i]);
    }
    t->ended = count == 0 && t->device.driver->ended(&t->device);
    return count > 0;
}

static bool serve_readers(struct terminal *t)
{
    static uint8_t bytes[TERMINAL_READ_MAX]; /* under the caller's lock */
    bool progress = false;
    struct waiting *w;

    while ((w = first(&t->readers)) != NULL && (ring_count(&t->in) > 0 || t->ended)) {
        uint32_t count = ring_look(&t->in, bytes, w->count < sizeof(bytes) ? w->count : sizeof(bytes));

        list_remove(&w->node);
        if (t->calls->have_read(w, bytes, count)) {
            ring_drop(&t->in, count);
        }
        progress = true;
    }
    return progress;
}

/* ---- both */

/* What the device is asked for comes first: an event between a look and that would be missed. */
bool terminal_run(struct terminal *t)
{
    bool progress;
    bool all_out;

    do {
        t->device.driver->want(&t->device, ring_count(&t->out) > 0, ring_room(&t->in) > 0);
        progress = take_from_writers(t);
        progress |= send(t);
        progress |= receive(t);
        progress |= serve_readers(t);
    } while (progress);
    all_out = ring_count(&t->out) == 0;
    if (all_out && t->device.driver->sent(&t->device)) {
        answer_all(t, &t->flushers);
    }
    return all_out && !list_empty(&t->flushers);
}
