/* SPDX-License-Identifier: MIT */
/* Ends whose other end is on another core: what that core is asked. */
#include "channel_ends.h"
#include <mudskipper/rpc/server.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include "channels_rpc.h"
#include "lock.h"
#include "peer_rpc.h"
#include "peers.h"
#include "shared.h"

/* The other core's answer: its end, and what wakes it. */
struct far_end {
    cptr_t wake;
    uint32_t number;
};

/* A deadline, so that the wait can be ended by thread_hurry. */
#define PATIENCE ((nanos_t)365 * 24 * 3600 * 1000 * 1000 * 1000)

/* Without the lock: waits until the service has accepted, or nobody wants to know any more. A service that
 * takes its time is no silent core. */
static err_t ask(const struct channel_end *end, coreid_t core, struct far_end *far)
{
    struct rpc_channel channel;
    err_t e = peers_channel(core, &channel);

    if (err_ok(e)) {
        channel.deadline = rt_now() + PATIENCE;
        e = peer_channel_connect(&channel, end->handle, end->slots + END_FRAME, end->slots + END_GIVEN,
                                 end->number, &far->wake, &far->number);
    }
    return e;
}

static void tell_process(struct channel_end *end, err_t e)
{
    struct rpc_request *kept = end->kept;

    end->kept = NULL;
    if (err_ok(e)) {
        e = channels_connect_reply(kept, end->slots + END_FRAME, end->slots + END_WAKE, end->number);
    } else {
        rpc_fail(kept, e);
    }
    if (!err_ok(e)) {
        end_drop(end, NULL);
    }
}

static void connect(struct channel_end *end)
{
    struct cap_identity handle;
    struct far_end far;
    err_t e = cap_identify(end->handle, &handle);

    end->asking = thread_self();
    if (err_ok(e)) {
        end->far_core = handle.owner;
    }
    core_unlock();
    if (err_ok(e)) {
        e = ask(end, handle.owner, &far);
    }
    core_lock();
    thread_hurry(end->asking, false);
    end->asking = NULL;
    if (err_ok(e) && end->gone_early) {
        slot_delete(far.wake);
        e = err_make(ERR_PEER_GONE, 0);
    }
    slot_delete(end->handle);
    end->handle = CPTR_NULL;
    if (err_ok(e)) {
        e = cap_move(far.wake, end->slots + END_WAKE);
        slot_delete(far.wake);
        end->far_number = far.number;
        end->far = !end->dropped;
        end->tell_far = end->dropped; /* its process did not live to see it */
    }
    if (!end->dropped) {
        tell_process(end, e);
    }
}

/* False: that core has no memory to hear it. */
static bool tell_far(struct channel_end *end)
{
    struct rpc_channel channel;
    err_t e = peers_channel(end->far_core, &channel);

    core_unlock();
    if (err_ok(e)) {
        e = peer_channel_gone(&channel, end->far_number); /* a core that is silent has nothing to end */
    }
    core_lock();
    return !err_is_shortage(e);
}

/* What other cores have of it; then nothing is shared. Of a core that does not answer: then it is not used
 * again. False: there was no memory to ask, here or there. */
static bool ask_back(cptr_t cap)
{
    err_t e;

    core_unlock();
    e = shared_withdraw_one(cap);
    core_lock();
    return !err_is_shortage(e);
}

static bool lose_rings(struct channel_end *end)
{
    err_t e;

    if (!ask_back(end->slots + END_FRAME)) {
        return false;
    }
    e = cap_revoke(end->slots + END_FRAME);
    (void)e;
    end_free_rings(end);
    end_wake(end);
    return true;
}

static bool finish(struct channel_end *end)
{
    struct rpc_request *kept = end->kept;
    err_t e;

    if (!ask_back(end->slots + END_NOTIFY)) {
        return false;
    }
    end_free(end);
    if (kept != NULL) {
        e = rpc_reply_empty(kept, OK);
        (void)e;
    }
    return true;
}

/* One thing after the other; what comes to be done meanwhile, too. */
static void run(struct work *work)
{
    struct channel_end *end = CONTAINER_OF(work, struct channel_end, work);
    bool over = false;
    bool again = false; /* a moment later: memory is short */

    core_lock();
    while (!over && !again) {
        if (end->handle != CPTR_NULL) {
            connect(end);
        } else if (end->tell_far) {
            end->tell_far = again = !tell_far(end);
        } else if (end->lose_rings) {
            end->lose_rings = again = !lose_rings(end);
        } else if (end->dropped) {
            over = finish(end);
            again = !over;
        } else {
            end->working = false;
            over = true;
        }
    }
    core_unlock();
    if (again) {
        work_again(work);
    }
}

err_t end_connect(struct channel_end *end, cptr_t handle, struct rpc_request *kept)
{
    err_t e = work_start(&end->work, run); /* its thread waits for the lock, that is for what follows */

    if (err_ok(e)) {
        end->working = true;
        end->kept = kept;
        end->handle = handle;
        end->crossed = true;
    }
    return e;
}

void end_work(struct channel_end *end)
{
    if (!end->working) {
        end->working = true;
        work_surely(&end->work, run);
    }
}

void end_far_gone(struct channel_end *end)
{
    end->far = false;
    end->over = true;
    end_forget_sent(end);
    if (end->memory != 0) {
        end->lose_rings = true;
        end_work(end);
    } else {
        err_t e = shared_drop(end->slots + END_FRAME);

        (void)e;
        end_wake(end);
    }
}
