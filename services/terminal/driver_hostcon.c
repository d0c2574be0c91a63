/* SPDX-License-Identifier: MIT */
/* The simulator's console. Its registers are shared memory, so no access function stands between. */
#include <stdatomic.h>
#include <mudskipper/abi/hostcon.h>
#include "driver.h"

static struct hostcon *page(const struct device *d)
{
    return d->registers;
}

static bool start(const struct device *d)
{
    if (page(d)->magic != HOSTCON_MAGIC || page(d)->version != 1) {
        return false;
    }
    atomic_store(&page(d)->control, HOSTCON_LISTENING | HOSTCON_HOLD);
    return true;
}

static uint32_t send(const struct device *d, const uint8_t *bytes, uint32_t count)
{
    uint32_t head = atomic_load(&page(d)->sent_head);
    uint32_t room = HOSTCON_SENT - (head - atomic_load(&page(d)->sent_tail));
    uint32_t now = count < room ? count : room;

    for (uint32_t i = 0; i < now; i++) {
        page(d)->sent[(head + i) % HOSTCON_SENT] = bytes[i];
    }
    atomic_store(&page(d)->sent_head, head + now);
    return now;
}

static uint32_t receive(const struct device *d, uint8_t *to, uint32_t room)
{
    uint32_t tail = atomic_load(&page(d)->received_tail);
    uint32_t count = atomic_load(&page(d)->received_head) - tail;
    uint32_t now = count < room ? count : room;

    for (uint32_t i = 0; i < now; i++) {
        to[i] = page(d)->received[(tail + i) % HOSTCON_RECEIVED];
    }
    atomic_store(&page(d)->received_tail, tail + now);
    return now;
}

static void want(const struct device *d, bool to_send, bool to_receive)
{
    atomic_store(&page(d)->control,
                 HOSTCON_LISTENING | (to_send ? HOSTCON_TELL_ROOM : 0u) | (to_receive ? 0u : HOSTCON_HOLD));
}

static bool sent(const struct device *d)
{
    return atomic_load(&page(d)->sent_tail) == atomic_load(&page(d)->sent_head);
}

/* The end is announced after the last byte: seen in this order, nothing can come any more. */
static bool ended(const struct device *d)
{
    return (atomic_load(&page(d)->status) & HOSTCON_END) != 0 &&
           atomic_load(&page(d)->received_head) == atomic_load(&page(d)->received_tail);
}

static bool interactive(const struct device *d)
{
    return (atomic_load(&page(d)->status) & HOSTCON_INTERACTIVE) != 0;
}

static const char *const compatible[] = {HOSTCON_COMPATIBLE, NULL};

const struct terminal_driver driver_hostcon = {compatible, start, send,  receive,
                                               want,       sent,  ended, interactive};
