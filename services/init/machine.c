/* SPDX-License-Identifier: MIT */
#include "machine.h"
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/rt/cap.h>
#include "archive.h"
#include "drivers.h"
#include "lock.h"
#include "peer_rpc.h"
#include "peers.h"
#include "processes.h"
#include "work.h"

static uint32_t cores;
static bool failed;

/* One thread at a time looks at all cores; what happens meanwhile makes it look once more. */
static struct {
    struct work work;
    bool running;
    bool again;
} look;

void machine_prepare(const struct archive *archive)
{
    cores = archive->info->cores;
}

void machine_failed(void)
{
    failed = true;
}

bool machine_has_failed(void)
{
    return failed;
}

/* ---- the last process ---- */

struct sum {
    uint64_t alive;
    uint64_t started;
    bool failed;
};

static void add_own(struct sum *s)
{
    core_lock();
    s->alive += processes_alive();
    s->started += processes_started();
    s->failed |= failed;
    core_unlock();
}

/* A core that does not answer runs nothing. */
static void add_core(struct sum *s, coreid_t core)
{
    struct rpc_channel channel;
    uint32_t alive;
    uint64_t started;
    bool bad;
    err_t e = peers_channel(core, &channel);

    if (err_ok(e)) {
        e = peer_alive(&channel, &alive, &started, &bad);
        peers_note(core, e);
    }
    if (err_ok(e)) {
        s->alive += alive;
        s->started += started;
        s->failed |= bad;
    }
}

static struct sum add_up(void)
{
    struct sum s = {0};

    add_own(&s);
    for (coreid_t core = 1; core < cores && s.alive == 0; core++) {
        add_core(&s, core);
    }
    return s;
}

/* Twice: cores are asked one after the other, and a process may have started another behind our back. It has
 * not if none was started between the first question and the last. */
static bool is_over(bool *bad)
{
    struct sum first = add_up();
    struct sum second;

    if (first.alive > 0) {
        return false;
    }
    second = add_up();
    *bad = second.failed;
    return second.alive == 0 && second.started == first.started;
}

static void look_at_all(struct work *work)
{
    bool bad;
    bool once_more;

    (void)work;
    do {
        if (is_over(&bad)) {
            err_t e = machine_end_now(false, bad ? 1 : 0);

            (void)e; /* it cannot be refused */
        }
        core_lock();
        once_more = look.again;
        look.again = false;
        look.running = once_more;
        core_unlock();
    } while (once_more);
}

static void tell_core_0(struct work *work)
{
    struct rpc_channel channel;
    bool once_more;

    (void)work;
    do {
        err_t e = peers_channel(0, &channel);

        if (err_ok(e)) {
            e = peer_idle(&channel);
            peers_note(0, e);
        }
        core_lock();
        once_more = look.again;
        look.again = false;
        look.running = once_more;
        core_unlock();
    } while (once_more);
}

void machine_look(void)
{
    if (processes_alive() > 0) {
        return;
    }
    if (look.running) {
        look.again = true;
        return;
    }
    look.running = true;
    work_surely(&look.work, rt_self()->core == 0 ? look_at_all : tell_core_0);
}

/* ---- when somebody wants it ---- */

err_t machine_end_now(bool reboot, uint32_t code)
{
    struct rpc_channel channel;
    err_t e;

    if (rt_self()->core != 0) {
        e = peers_channel(0, &channel);
        return err_ok(e) ? peer_end(&channel, reboot, code) : e;
    }
    drivers_flush();
    return cap_kernel(SLOT_KERNEL, reboot ? KERNEL_RESET : KERNEL_POWER_OFF, code);
}

struct end_later {
    struct later later;
    bool reboot;
    uint32_t code;
};

static void end(struct later *later)
{
    const struct end_later *l = CONTAINER_OF(later, struct end_later, later);
    err_t e = machine_end_now(l->reboot, l->code);

    rpc_fail(later->request, err_ok(e) ? err_make(ERR_NOT_SUPPORTED, 0) : e); /* only if that was refused */
    later_free(later);
}

err_t machine_end(struct rpc_request *request, bool reboot, uint32_t code)
{
    struct end_later *l = later_make(sizeof(*l));

    if (l == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*l));
    }
    l->reboot = reboot;
    l->code = code;
    return later_start(&l->later, request, end);
}
