/* SPDX-License-Identifier: MIT */
/* Names, and calls of what they stand for. A service is bound for one command and let go: it may be another
 * one by the next. */
#include "system_core.h"

#include <mudskipper/ns/bind.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/slot.h>
#include "described.h"
#include "names_rpc.h"

static struct name_client nameserver;

void system_names_init(void)
{
    name_client_init(&nameserver, &system_memory_of_calls, &rpc_own_slots);
}

err_t system_names_check(coreid_t core, uint64_t *mistakes)
{
    return names_check(&nameserver.channel, core, mistakes);
}

/* ---- ns ls ---- */

/* Which process is called what; ascending by number. */
struct known {
    process_number_t number;
    char name[32];
};

struct name_list {
    struct known *known;
    size_t count;
    size_t room;
    bool failed; /* no memory */
    system_name_each_t each;
    void *argument;
};

static bool add_known(void *argument, const struct system_process *p)
{
    struct name_list *list = argument;

    if (list->count == list->room) {
        size_t room = list->room > 0 ? 2 * list->room : 32;
        struct known *known = memory_resize(&system_memory, list->known, room * sizeof(*known));

        if (!known) {
            list->failed = true;
            return false;
        }
        list->known = known;
        list->room = room;
    }
    list->known[list->count].number = p->number;
    str_copy(list->known[list->count].name, sizeof(list->known[0].name), p->name);
    list->count++;
    return true;
}

/* "?": it has ended meanwhile, or this shell may not look. */
static const char *name_of(const struct name_list *list, process_number_t number)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->known[i].number == number) {
            return list->known[i].name;
        }
    }
    return "?";
}

static bool tell_name(void *argument, const struct name_entry *entry)
{
    const struct name_list *list = argument;
    struct system_name name = {.name = entry->name,
                               .core = entry->core,
                               .process = entry->process,
                               .server = name_of(list, entry->process),
                               .generation = entry->generation,
                               .attributes = entry->attributes};

    return list->each(list->argument, &name);
}

err_t system_names(void *context, const char *prefix, system_name_each_t each, void *argument)
{
    struct name_list list = {.each = each, .argument = argument};
    err_t e = system_processes(context, add_known, &list);

    (void)e; /* names are for everybody, processes are not */
    e = list.failed ? err_make(ERR_NO_MEMORY, 0) : name_list(&nameserver, prefix, tell_name, &list);
    memory_free(&system_memory, list.known);
    return e;
}

err_t system_wait_name(void *context, const char *name, nanos_t deadline)
{
    struct name_found found;
    err_t e = name_wait(&nameserver, name, system_wait_begin(deadline), &found);

    (void)context;
    e = system_wait_end(e);
    if (err_ok(e)) {
        slot_delete(found.handle);
    }
    return e;
}

/* ---- call ---- */

/* A service, and what it says about itself. */
struct bound {
    struct name_binding binding;
    struct rpc_channel channel;
    void *bytes;
    struct rpc_description description;
};

static err_t describe(struct bound *b)
{
    size_t count;
    err_t e;

    b->bytes = memory_resize(&system_memory, NULL, RPC_DESCRIPTION_MAX);
    if (!b->bytes) {
        return err_make(ERR_NO_MEMORY, RPC_DESCRIPTION_MAX);
    }
    b->channel = rpc_until(&b->channel, system_wait_begin(NANOS_NEVER));
    e = rpc_describe(&b->channel, b->bytes, RPC_DESCRIPTION_MAX, &count);
    e = system_wait_end(e);
    return err_ok(e) ? rpc_description_read(&b->description, b->bytes, count) : e;
}

static void unbind(struct bound *b)
{
    memory_free(&system_memory, b->bytes);
    name_unbind(&b->binding);
}

static err_t bind(struct bound *b, const char *service)
{
    err_t e = name_bind(&nameserver, service, &b->binding);

    if (!err_ok(e)) {
        return e;
    }
    b->channel = name_binding_channel(&b->binding);
    e = describe(b);
    if (!err_ok(e)) {
        unbind(b);
    }
    return e;
}

err_t system_methods(void *context, const char *service, system_method_each_t each, void *argument)
{
    struct bound b;
    err_t e = bind(&b, service);

    (void)context;
    if (err_ok(e)) {
        e = described_methods(&system_memory, &b.description, each, argument);
        unbind(&b);
    }
    return e;
}

struct showing {
    system_value_each_t each;
    void *argument;
    bool enough;
};

/* Capabilities are shown as such and given back. */
static bool show(void *argument, const char *path, const struct rpc_value *value)
{
    struct showing *s = argument;
    struct system_value shown = described_to_show(path, value);

    s->enough = s->enough || !s->each(s->argument, &shown);
    if (shown.type == TYPE_CAP && value->number != CPTR_NULL) {
        slot_delete((cptr_t)value->number);
    }
    return !s->enough;
}

static err_t call_method(const struct bound *b, const char *name, const struct rpc_value *values,
                         size_t count, struct showing *showing)
{
    struct rpc_channel until;
    struct rpc_method method;
    err_t e = rpc_description_find(&b->description, name, &method);

    if (!err_ok(e)) {
        return err_make(ERR_MSG_NO_METHOD, 0);
    }
    until = rpc_until(&b->channel, system_wait_begin(NANOS_NEVER));
    return system_wait_end(rpc_call_described(&until, &method, values, count, show, showing));
}

err_t system_call(void *context, const char *service, const char *method, const struct system_value *values,
                  size_t count, system_value_each_t each, void *argument)
{
    struct showing showing = {.each = each, .argument = argument};
    struct rpc_value *sent = memory_resize(&system_memory, NULL, (count + 1) * sizeof(*sent));
    struct bound b;
    err_t e = sent ? bind(&b, service) : err_make(ERR_NO_MEMORY, count * sizeof(*sent));

    (void)context;
    if (err_ok(e)) {
        for (size_t i = 0; i < count; i++) {
            sent[i] = described_to_send(&values[i]);
        }
        e = call_method(&b, method, sent, count, &showing);
        unbind(&b);
    }
    memory_free(&system_memory, sent);
    return e;
}
