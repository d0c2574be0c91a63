/* SPDX-License-Identifier: MIT */
#include "machine.h"
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/pure/error_text.h>
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

/* A machine that is out of memory can be switched off, too: nothing is made for it, and who wants it is told
 * at once when the call cannot be kept. */
static struct {
    struct work work;
    struct rpc_request *kept; /* NULL: its answer was given */
    bool under_way;
    bool reboot;
    uint32_t code;
} ending;

static void end(struct work *work)
{
    err_t e = machine_end_now(ending.reboot, ending.code);
    struct rpc_request *kept;
    char why[200];

    if (err_is_shortage(e)) {
        work_again(work);
        return;
    }
    if (err_ok(e) && rt_self()->core == 0) {
        e = err_make(ERR_NOT_SUPPORTED, 0); /* only if that was refused */
    }
    if (!err_ok(e)) {
        err_print(why, sizeof(why), e);
        rt_log("init: the machine cannot be ended: %s\n", why);
    }
    core_lock();
    kept = ending.kept;
    ending.under_way = false;
    core_unlock();
    if (kept != NULL && err_ok(e)) {
        e = rpc_reply_empty(kept, OK); /* core 0 is about to */
        (void)e;
    } else if (kept != NULL) {
        rpc_fail(kept, e);
    }
}

err_t machine_end(struct rpc_request *request, bool reboot, uint32_t code)
{
    err_t e;

    if (ending.under_way) {
        return err_make(ERR_BUSY, 0);
    }
    e = rpc_keep(request, &ending.kept);
    if (!err_ok(e)) {
        ending.kept = NULL;
    }
    ending.under_way = true;
    ending.reboot = reboot;
    ending.code = code;
    work_surely(&ending.work, end);
    return OK;
}
