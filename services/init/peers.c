/* SPDX-License-Identifier: MIT */
#include "peers.h"
#include <stdatomic.h>
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rpc/ump.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/notify.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/self.h>
#include "abroad.h"
#include "archive.h"
#include "lock.h"
#include "memory.h"
#include "shared.h"
#include "work.h"

/* A core that somebody waits for is woken so often; it is silent when it did not count that many times.
 * Wake-ups are counted, not time: it may jump. */
#define LOOK        ((nanos_t)1000 * 1000 * 1000)
#define MISSED_MOST 15u

#define RING_BYTES  (PAGE_SIZE - UMP_LINE_BYTES) /* the line behind it has the beat of its writer */
#define STACK_BYTES (64u * 1024u)

struct peer {
    struct rpc_ump end;
    struct mutex mutex;
    coreid_t core;
    _Atomic uint64_t *beat; /* ours, for the other core */
    const _Atomic uint64_t *other_beat;
    uint64_t heard;     /* of it, at the last look; with the mutex, as what follows */
    nanos_t looked;     /* when that was */
    unsigned missed;    /* looks since it was heard */
    atomic_bool silent; /* and was not heard of since */
    struct work telling;
    atomic_bool to_tell; /* those here that wait for its processes: `telling` is under way */
};

static uint32_t cores;
static struct peer *peers; /* NULL: this core is alone */
static struct notification woken;
static atomic_bool to_watch; /* somebody waits anew for what another core tells */
static struct rpc_server server;
static struct rpc_memory memory_of_calls;

/* ---- hooks of the ends ---- */

static void lock(void *context)
{
    mutex_lock(&((struct peer *)context)->mutex);
}

static void unlock(void *context)
{
    mutex_unlock(&((struct peer *)context)->mutex);
}

/* These ends have a server: its thread sleeps, for all of them. */
static err_t sleep_for_all(void *context, nanos_t deadline)
{
    bool in_time;

    unlock(context);
    in_time = notification_wait(&woken, deadline);
    lock(context);
    return in_time ? OK : err_make(ERR_TIMEOUT, 0);
}

static void wake_peer(void *context)
{
    err_t e = cap_notify_core(((const struct peer *)context)->core);

    (void)e; /* a core that does not run is not woken */
}

static void tell_silence(struct work *work)
{
    struct peer *p = CONTAINER_OF(work, struct peer, telling);

    atomic_store(&p->to_tell, false);
    core_lock();
    abroad_cut_off(p->core);
    core_unlock();
}

/* Somebody waits for it: was it heard since the last look? Wakes it, so that it will be at the next. */
static bool is_silent(struct peer *p)
{
    uint64_t beat = atomic_load(p->other_beat);
    nanos_t now = rt_now();

    if (beat != p->heard) {
        p->heard = beat;
        p->missed = 0;
        atomic_store(&p->silent, false);
    }
    if (now - p->looked >= LOOK) { /* others of this core may wait, too */
        p->looked = now;
        p->missed++;
        wake_peer(p);
    }
    if (p->missed > MISSED_MOST && !atomic_exchange(&p->silent, true) &&
        !atomic_exchange(&p->to_tell, true)) {
        work_surely(&p->telling, tell_silence);
    }
    return atomic_load(&p->silent);
}

/* A look that finds it alive ends the wait early: what was waited for may have come at that moment. What ends
 * before its time was ended by thread_hurry. */
static err_t wait(void *context, struct rpc_ump_waiter *waiter, nanos_t deadline)
{
    struct peer *p = context;
    nanos_t look = rt_now() + LOOK;
    struct condition c;
    bool in_time;

    condition_init(&c);
    waiter->object = &c;
    in_time = condition_wait_until(&c, &p->mutex, deadline < look ? deadline : look);
    waiter->object = NULL;
    if (in_time) {
        return OK;
    }
    if (look >= deadline || rt_now() < look) {
        return err_make(ERR_TIMEOUT, 0);
    }
    return is_silent(p) ? err_make(ERR_PEER_GONE, p->core) : OK;
}

static void signal(void *context, struct rpc_ump_waiter *waiter)
{
    (void)context;
    if (waiter->object != NULL) {
        condition_signal(waiter->object);
    }
}

static void rouse(void *context)
{
    (void)context;
    notification_set(&woken);
}

CLAIM(a_line_holds_what_stands_for_a_capability, CAP_ACROSS_WORDS + 1 <= RPC_UMP_CAP_WORDS);

static err_t send_cap(void *context, cptr_t cap, struct rpc_ump_cap *as)
{
    struct shared_cap sent;
    err_t e = shared_send(cap, ((const struct peer *)context)->core, &sent);

    if (err_ok(e)) {
        as->count = CAP_ACROSS_WORDS + 1;
        mem_copy(as->words, sent.what.words, sizeof(sent.what.words));
        as->words[CAP_ACROSS_WORDS] = sent.number;
    }
    return e;
}

static err_t take_cap(void *context, const struct rpc_ump_cap *as, cptr_t slot)
{
    struct shared_cap sent;

    (void)context;
    if (as->count != CAP_ACROSS_WORDS + 1) {
        return err_make(ERR_MSG_MALFORMED, 0);
    }
    mem_copy(sent.what.words, as->words, sizeof(sent.what.words));
    sent.number = as->words[CAP_ACROSS_WORDS];
    return slot != CPTR_NULL ? shared_take(&sent, slot) : OK;
}

static const struct rpc_ump_ops ops = {.lock = lock,
                                       .unlock = unlock,
                                       .sleep = sleep_for_all,
                                       .wait = wait,
                                       .rouse = rouse,
                                       .signal = signal,
                                       .wake_peer = wake_peer,
                                       .send_cap = send_cap,
                                       .take_cap = take_cap};

/* ---- the server's side ---- */

static struct mutex server_mutex = MUTEX_INITIAL(server_mutex);

static void lock_server(void *context)
{
    mutex_lock(context);
}

static void unlock_server(void *context)
{
    mutex_unlock(context);
}

static const struct rpc_lock server_lock = {
    .lock = lock_server, .unlock = unlock_server, .context = &server_mutex};

/* One request of each in turn, until all are idle. False: nothing was done. */
static bool serve_all(void)
{
    bool any = false;

    for (coreid_t core = 0; core < cores; core++) {
        struct peer *p = &peers[core];

        if (core != rt_self()->core) {
            atomic_fetch_add(p->beat, 1);
            any = rpc_ump_serve(&p->end) == RPC_UMP_AGAIN || any;
        }
    }
    return any;
}

/* Who waits for the end of a process does not call its core: here it is looked at. Returns when to look
 * again. */
static nanos_t watch_awaited(void)
{
    uint64_t awaited;

    core_lock();
    abroad_drop_cancelled();
    awaited = abroad_awaited_cores();
    core_unlock();
    for (uint64_t left = awaited; left != 0; left &= left - 1) {
        struct peer *p = &peers[__builtin_ctzll(left)];

        mutex_lock(&p->mutex);
        (void)is_silent(p);
        mutex_unlock(&p->mutex);
    }
    return awaited != 0 ? rt_now() + LOOK : NANOS_NEVER;
}

void peers_watch(void)
{
    atomic_store(&to_watch, true);
    notification_set(&woken);
}

static void loop(void *argument)
{
    nanos_t look = NANOS_NEVER;

    (void)argument;
    for (;;) {
        bool any = serve_all();

        if (atomic_exchange(&to_watch, false) || rt_now() >= look) {
            look = watch_awaited();
        }
        if (!any) {
            notification_wait(&woken, look);
        }
    }
}

static err_t start_thread(void)
{
    static struct thread thread;
    void *stack = heap_memalign(memory_heap(), 16, STACK_BYTES);

    if (stack == NULL) {
        return err_make(ERR_NO_MEMORY, STACK_BYTES);
    }
    thread_start(&thread, "peers", stack, STACK_BYTES, loop, NULL);
    return OK;
}

/* ---- setting up ---- */

/* Core servers signal each other by the channel of the sender's number; one bit is enough for all. */
static err_t bind_channel(coreid_t from)
{
    cptr_t notify;
    err_t e = slot_alloc(&notify);

    if (err_ok(e)) {
        e = cap_notify_make(from, notify);
    }
    return err_ok(e) ? cap_notify_bind(notify, SLOT_DISPATCHER, woken.bit) : e;
}

static _Atomic uint64_t *beat_of(char *page)
{
    return (_Atomic uint64_t *)(void *)(page + RING_BYTES);
}

static err_t open_peer(struct peer *p, coreid_t core, char *rings, struct rpc_service *service)
{
    uint64_t out = BOOT_PEERS_PAGE(cores, rt_self()->core, core);
    uint64_t in = BOOT_PEERS_PAGE(cores, core, rt_self()->core);
    err_t e = bind_channel(core);

    p->core = core;
    p->beat = beat_of(rings + out * PAGE_SIZE);
    p->other_beat = beat_of(rings + in * PAGE_SIZE);
    mutex_init(&p->mutex);
    if (!err_ok(e)) {
        return e;
    }
    return rpc_ump_init(&p->end, &(struct rpc_ump_setup){.out = rings + out * PAGE_SIZE,
                                                         .in = rings + in * PAGE_SIZE,
                                                         .bytes = RING_BYTES,
                                                         .ops = &ops,
                                                         .context = p,
                                                         .memory = &memory_of_calls,
                                                         .slots = &rpc_own_slots,
                                                         .server = &server,
                                                         .badge = RPC_BADGE(service->number, core)});
}

static err_t open_all(struct rpc_service *service)
{
    uint64_t bytes = (uint64_t)cores * cores * PAGE_SIZE;
    void *rings;
    err_t e = self_map(SLOT_PEERS, 0, bytes, CAP_READ | CAP_WRITE, &rings);

    if (err_ok(e)) {
        e = notification_open(&woken);
    }
    if (err_ok(e)) {
        rpc_server_init(&server, &server_lock, &memory_of_calls, &rpc_own_slots);
        /* A core server calls for all its processes: each of them is held to its limit there, by its own. */
        server.client_bytes = SIZE_MAX;
        server.client_slots = SIZE_MAX;
        e = rpc_server_add(&server, service);
    }
    peers = err_ok(e) ? heap_calloc(memory_heap(), cores, sizeof(*peers)) : NULL;
    if (err_ok(e) && peers == NULL) {
        e = err_make(ERR_NO_MEMORY, cores * sizeof(*peers));
    }
    for (coreid_t core = 0; err_ok(e) && core < cores; core++) {
        if (core != rt_self()->core) {
            e = open_peer(&peers[core], core, rings, service);
        }
    }
    return e;
}

err_t peers_start(const struct archive *archive, struct rpc_service *service)
{
    struct cap_identity rings;
    err_t e;

    cores = archive->info->cores;
    memory_of_calls = rpc_memory_of(memory_heap());
    if (cores == 1 || !err_ok(cap_identify(SLOT_PEERS, &rings))) {
        return OK; /* alone */
    }
    e = open_all(service);
    return err_ok(e) ? start_thread() : e;
}

bool peers_there(void)
{
    return peers != NULL;
}

/* ---- the client's side ---- */

/* One that was silent may be back: it is woken, and known to be at the next look. */
static bool is_known_silent(struct peer *p)
{
    bool silent = atomic_load(&p->silent);

    if (silent) {
        mutex_lock(&p->mutex);
        silent = is_silent(p);
        mutex_unlock(&p->mutex);
    }
    return silent;
}

err_t peers_channel(uint32_t core, struct rpc_channel *channel)
{
    if (core >= cores) {
        return err_make(ERR_BAD_CORE, core);
    }
    if (peers == NULL || is_known_silent(&peers[core])) {
        return err_make(ERR_PEER_GONE, core);
    }
    *channel = rpc_channel_of(&peers[core].end.link);
    return OK;
}

bool peers_is_silent(uint32_t core)
{
    return peers != NULL && core < cores && is_known_silent(&peers[core]);
}
