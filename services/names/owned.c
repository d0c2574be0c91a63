/* SPDX-License-Identifier: MIT */
#include "owned.h"
#include <mudskipper/rpc/server.h>
#include "server.h"

#define REMEMBERED 1024u /* vacant names, for generations */

static struct ns_table table;

/* ---- rights: docs/reference/names.md ---- */

static const char *const reserved[] = {"app", "dev", "fs", "net", "sys"};
static uint64_t system_grants[ARRAY_LENGTH(reserved)];
static uint64_t programs_grant; /* app, made from the system's: who holds by it may be replaced */

static uint64_t grant_for(const struct asker *who, const char *name)
{
    for (unsigned i = 0; who->system && i < ARRAY_LENGTH(reserved); i++) {
        if (ns_name_below(text_of(reserved[i]), text_of(name))) {
            return system_grants[i];
        }
    }
    return programs_grant;
}

err_t owned_init(void)
{
    const struct ns_memory memory = {
        .take = names.memory.allocate, .give = names.memory.release, .context = names.memory.context};
    err_t e = ns_table_init(&table, &memory, REMEMBERED);

    for (unsigned i = 0; i < ARRAY_LENGTH(reserved) && err_ok(e); i++) {
        e = ns_grant_make(&table, NS_GRANT_ROOT, text_of(reserved[i]), &system_grants[i]);
    }
    return err_ok(e) ? ns_grant_make(&table, system_grants[0], text_of(reserved[0]), &programs_grant) : e;
}

static struct ns_owner owner_of(const struct asker *who)
{
    return (struct ns_owner){.core = who->core, .process = who->process};
}

/* ---- waiting ---- */

struct wait {
    struct list_node node;
    struct rpc_request *kept;
    owned_answer_t answer;
    struct asker who;
    uint64_t waiter;
};

static struct list waits = LIST_INITIAL(waits);

static void end_wait(struct wait *w, err_t e, const struct holder *holder)
{
    list_remove(&w->node);
    w->answer(w->kept, w->who.process, e, holder);
    names.memory.release(names.memory.context, w, sizeof(*w));
}

static struct holder holder_of(const struct ns_view *view)
{
    return (struct holder){.service = view->service,
                           .generation = view->generation,
                           .core = view->owner.core,
                           .process = (uint32_t)view->owner.process};
}

static void answer_woken(void)
{
    struct ns_woken woken;

    while (ns_woken(&table, &woken)) {
        struct holder holder = holder_of(&woken.view);

        end_wait((struct wait *)(uintptr_t)woken.cookie, woken.error, &holder);
    }
}

err_t owned_wait(const struct asker *who, const char *name, nanos_t deadline, struct rpc_request *request,
                 owned_answer_t answer)
{
    struct wait *w = names.memory.allocate(names.memory.context, sizeof(*w));
    err_t e;

    if (w == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*w));
    }
    *w = (struct wait){.who = *who, .answer = answer};
    e = ns_wait(&table, owner_of(who), text_of(name), deadline, (uintptr_t)w, &w->waiter);
    if (err_ok(e)) {
        e = rpc_keep(request, &w->kept);
        if (err_ok(e)) {
            list_push_back(&waits, &w->node);
            answer_woken();
            condition_signal(&names.earlier);
            return OK;
        }
        err_t gone = ns_wait_cancel(&table, owner_of(who), w->waiter);
        (void)gone; /* it is there: nobody was woken in between */
    }
    names.memory.release(names.memory.context, w, sizeof(*w));
    return e;
}

nanos_t owned_expire(nanos_t now)
{
    ns_expire(&table, now);
    answer_woken();
    return ns_deadline(&table);
}

/* Those for which `who` says so; any process: 0. */
static void drop_waits(coreid_t core, uint32_t process)
{
    struct list_node *next;

    for (struct list_node *n = waits.head.next; n != &waits.head; n = next) {
        struct wait *w = CONTAINER_OF(n, struct wait, node);

        next = n->next;
        if (w->who.core == core && (process == 0 || w->who.process == process)) {
            err_t e = ns_wait_cancel(&table, owner_of(&w->who), w->waiter);

            (void)e;
            end_wait(w, err_make(ERR_CANCELLED, 0), NULL);
        }
    }
}

/* ---- changes ---- */

/* The services that a change ended; the last one, if any, is told. */
static void take_ended(struct claimed *claimed)
{
    struct ns_ended ended;

    while (ns_ended(&table, &ended)) {
        if (claimed != NULL) {
            claimed->dropped = ended.service;
            claimed->dropped_core = ended.owner.core;
        }
    }
}

/* A program has no right over what other programs registered, though all use the same grant. */
static err_t check_replace(const struct asker *who, const struct claim *claim)
{
    struct ns_view view;
    bool may = who->system || claim->mode != NS_REPLACE;

    return may || !err_ok(ns_lookup(&table, text_of(claim->name), &view)) ? OK : err_make(ERR_NAME_TAKEN, 0);
}

err_t owned_claim(const struct asker *who, const struct claim *claim, struct claimed *claimed)
{
    const struct ns_request request = {.grant = grant_for(who, claim->name),
                                       .name = text_of(claim->name),
                                       .attributes = text_of(claim->attributes),
                                       .service = claim->service,
                                       .owner = owner_of(who),
                                       .mode = (enum ns_mode)claim->mode};
    struct ns_registered registered;
    err_t e = check_replace(who, claim);

    if (err_ok(e)) {
        e = ns_register(&table, &request, &registered);
    }
    if (!err_ok(e)) {
        return e;
    }
    *claimed = (struct claimed){.generation = registered.generation};
    take_ended(claimed);
    answer_woken();
    return OK;
}

void owned_release(const struct asker *who, uint64_t service)
{
    err_t e = ns_deregister(&table, owner_of(who), service);

    (void)e; /* it has ended otherwise meanwhile */
    take_ended(NULL);
    answer_woken();
}

void owned_gone(coreid_t core, uint32_t process)
{
    drop_waits(core, process);
    ns_owner_gone(&table, (struct ns_owner){.core = core, .process = process});
    take_ended(NULL);
    answer_woken();
}

void owned_core_gone(coreid_t core)
{
    drop_waits(core, 0);
    ns_core_gone(&table, core, 0);
    take_ended(NULL);
    answer_woken();
}

/* ---- looking ---- */

err_t owned_find(const char *name, uint64_t generation, struct holder *holder)
{
    struct ns_view view;
    err_t e = generation == 0 ? ns_lookup(&table, text_of(name), &view)
                              : ns_lookup_same(&table, text_of(name), generation, &view);

    if (err_ok(e)) {
        *holder = holder_of(&view);
    }
    return e;
}

size_t owned_list(const char *prefix, const char *after, struct ns_view *views, size_t room)
{
    struct ns_cursor cursor = {.length = (uint8_t)str_length_max(after, NS_NAME_MAX)};

    mem_copy(cursor.name, after, cursor.length);
    return ns_enumerate(&table, text_of(prefix), NULL, &cursor, views, room);
}

size_t owned_check(format_sink_t sink, void *context)
{
    return ns_validate(&table, sink, context);
}
