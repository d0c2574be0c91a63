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
    bool unknown; /* some core had no memory to be asked, or to answer */
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
    s->unknown |= err_is_shortage(e);
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

enum verdict { GOES_ON, OVER, NOT_KNOWN };

/* Twice: cores are asked one after the other, and a process may have started another behind our back. It has
 * not if none was started between the first question and the last. */
static enum verdict judge(bool *bad)
{
    struct sum first = add_up();
    struct sum second;

    if (first.alive > 0) {
        return GOES_ON;
    }
    second = add_up();
    *bad = second.failed;
    if (second.alive > 0 || second.started != first.started) {
        return GOES_ON;
    }
    return first.unknown || second.unknown ? NOT_KNOWN : OVER;
}

/* False: something has happened meanwhile. */
static bool look_is_over(void)
{
    bool over;

    core_lock();
    over = !look.again;
    look.again = false;
    look.running = !over;
    core_unlock();
    return over;
}

static void look_at_all(struct work *work)
{
    enum verdict verdict;
    bool bad;

    do {
        verdict = judge(&bad);
        if (verdict == NOT_KNOWN) {
            work_again(work);
            return;
        }
        if (verdict == OVER) {
            err_t e = machine_end_now(false, bad ? 1 : 0);

            (void)e; /* it cannot be refused */
        }
    } while (!look_is_over());
}

static void tell_core_0(struct work *work)
{
    struct rpc_channel channel;

    do {
        err_t e = peers_channel(0, &channel);

        if (err_ok(e)) {
            e = peer_idle(&channel);
            peers_note(0, e);
        }
        if (err_is_shortage(e)) {
            work_again(work);
            return;
        }
    } while (!look_is_over());
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
