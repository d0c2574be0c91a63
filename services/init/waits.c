/* SPDX-License-Identifier: MIT */
#include "waits.h"
#include <mudskipper/heap/heap.h>
#include "core_rpc.h"
#include "memory.h"

struct wait {
    struct wait *next;
    struct rpc_request *kept;
    bool parent;
    bool killed_it;
};

err_t waits_answer(struct rpc_request *request, const struct process_exit *exit)
{
    return core_wait_reply(request, (uint8_t)exit->how, exit->code, exit->fault, exit->access, exit->address);
}

void waits_drop_cancelled(struct wait **list)
{
    struct wait **place = list;

    while (*place != NULL) {
        struct wait *w = *place;

        if (rpc_is_cancelled(w->kept)) {
            *place = w->next;
            rpc_fail(w->kept, err_make(ERR_CANCELLED, 0));
            heap_free(memory_heap(), w);
        } else {
            place = &w->next;
        }
    }
}

bool waits_has(const struct wait *list, uint32_t client, unsigned *n)
{
    for (const struct wait *w = list; w != NULL; w = w->next) {
        if (rpc_client(w->kept) == client && !rpc_is_cancelled(w->kept) && (*n)-- == 0) {
            return true;
        }
    }
    return false;
}

bool waits_tell(struct wait **list, const struct process_exit *exit)
{
    bool told = false;

    while (*list != NULL) {
        struct wait *w = *list;
        bool asked = w->parent && !w->killed_it;
        err_t e;

        *list = w->next;
        e = w->killed_it ? rpc_reply_empty(w->kept, OK) : waits_answer(w->kept, exit);
        heap_free(memory_heap(), w);
        told |= asked && err_ok(e);
    }
    return told;
}

void waits_fail(struct wait **list, err_t e)
{
    while (*list != NULL) {
        struct wait *w = *list;

        *list = w->next;
        rpc_fail(w->kept, e);
        heap_free(memory_heap(), w);
    }
}

err_t waits_add(struct wait **list, struct rpc_request *request, bool parent, bool killed_it)
{
    struct wait *w = heap_malloc(memory_heap(), sizeof(*w));
    err_t e;

    if (w == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*w));
    }
    waits_drop_cancelled(list);
    w->parent = parent;
    w->killed_it = killed_it;
    e = rpc_keep(request, &w->kept);
    if (!err_ok(e)) {
        heap_free(memory_heap(), w);
        return e;
    }
    w->next = *list;
    *list = w;
    return OK;
}
