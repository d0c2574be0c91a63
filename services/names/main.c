/* SPDX-License-Identifier: MIT */
/* The nameserver of a core: server.h. Three threads of its own, beside workers: one serves calls, one is told
 * of the ends of processes, one keeps the deadlines of those who wait for a name. */
#include <mudskipper/pure/error_text.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/thread.h>
#include "calls.h"
#include "core_rpc.h"
#include "links.h"
#include "memory.h"
#include "offers.h"
#include "owned.h"
#include "server.h"
#include "work.h"

struct names_server names;

/* All nameservers agree on it. Where a name is kept is no secret; in a table that others fill names are in a
 * tree, so that names with one hash cost nobody anything. */
static const struct hash_key owner_key = {{0x6d7564736b697070, 0x65726e616d657331}};

coreid_t names_owner(const char *name)
{
    return ns_name_owner(&owner_key, text_of(name), names.live, names.count);
}

static void complain(const char *what, err_t why)
{
    char text[200];

    err_print(text, sizeof(text), why);
    rt_log("names: %s: %s\n", what, text);
}

/* ---- ends of processes ---- */

static void follow_ends(void *unused)
{
    uint32_t process = 0;
    err_t e;

    (void)unused;
    for (;;) {
        do {
            e = core_ended(&memory_core_server, process, &process);
        } while (work_waits_for_more(e));
        if (!err_ok(e)) {
            complain("is not told of ends any more", e);
            rt_exit(1); /* names of the dead would stay */
        }
        calls_process_gone(process);
    }
}

/* ---- deadlines ---- */

static void keep_time(void *unused)
{
    (void)unused;
    mutex_lock(&names.mutex);
    for (;;) {
        nanos_t next = owned_expire(rt_now());

        (void)condition_wait_until(&names.earlier, &names.mutex, next);
    }
}

/* ---- start ---- */

/* The nameserver's own name. Who calls it is known as a caller of names.rpc like all others. */
static err_t register_itself(void)
{
    char name[32];
    cptr_t service;
    err_t e = slot_alloc(&service);

    format_to(name, sizeof(name), "sys.names.%u", names.core);
    if (err_ok(e)) {
        e = cap_service(SLOT_ENDPOINT, NAMES_FOR_PROGRAMS, service);
    }
    return err_ok(e) ? calls_register(name, service) : e;
}

static err_t start(void)
{
    err_t e = memory_init();

    mutex_init(&names.mutex);
    condition_init(&names.earlier);
    names.core = rt_self()->core;
    if (err_ok(e)) {
        e = links_init();
    }
    if (err_ok(e)) {
        e = owned_init();
    }
    if (!err_ok(e)) {
        return e;
    }
    work_init();
    rpc_lmp_server_init(&names.lmp, &names.memory, &rpc_own_slots);
    e = calls_serve(&names.lmp.server);
    if (err_ok(e)) {
        e = peer_calls_serve(&names.lmp.server);
    }
    return err_ok(e) ? register_itself() : e;
}

int main(void)
{
    static struct thread threads[2];
    err_t e = start();

    if (err_ok(e)) {
        e = thread_create(&threads[0], "ends", 0, follow_ends, NULL);
    }
    if (err_ok(e)) {
        e = thread_create(&threads[1], "time", 0, keep_time, NULL);
    }
    if (err_ok(e)) {
        e = rpc_lmp_serve(&names.lmp, NANOS_NEVER);
    }
    complain("cannot serve", e);
    return 1;
}
