/* SPDX-License-Identifier: MIT */
#include <mudskipper/ns/client.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/slot.h>
#include "names_rpc.h"

CLAIM(the_interface_takes_every_name, NAMES_REGISTER_NAME_MAX == NS_NAME_MAX);
CLAIM(the_interface_takes_all_attributes, NAMES_REGISTER_ATTRIBUTES_MAX == NS_ATTRIBUTES_MAX);

void name_client_init(struct name_client *c, const struct rpc_memory *memory, const struct rpc_slots *slots)
{
    rpc_lmp_link_init(&c->link, SLOT_NAMES, memory, slots);
    c->channel = rpc_channel_of(&c->link.link);
}

/* ---- servers ---- */

err_t name_register(const struct name_client *c, const struct name_offer *offer, uint64_t *generation)
{
    const char *attributes = offer->attributes != NULL ? offer->attributes : "";
    uint64_t made;
    cptr_t service;
    err_t e = ns_name_check(text_of(offer->name));

    if (err_ok(e)) {
        e = ns_attributes_check(text_of(attributes));
    }
    if (err_ok(e)) {
        e = slot_alloc(&service);
    }
    if (!err_ok(e)) {
        return e;
    }
    e = cap_service(SLOT_ENDPOINT, offer->service->number, service);
    if (err_ok(e)) {
        e = names_register(&c->channel, offer->name, attributes, (uint8_t)offer->mode, service, &made);
    }
    slot_delete(service); /* the nameserver has its own */
    if (err_ok(e) && generation != NULL) {
        *generation = made;
    }
    return e;
}

err_t name_deregister(const struct name_client *c, const char *name)
{
    err_t e = ns_name_check(text_of(name));

    return err_ok(e) ? names_deregister(&c->channel, name) : e;
}

/* ---- clients ---- */

/* The handle was revoked before it got here: whoever held the name has ended. */
static err_t ended_meanwhile(err_t e)
{
    return err_is(e, ERR_MSG_CAP_GONE) ? err_make(ERR_NAME_UNKNOWN, 0) : e;
}

err_t name_lookup_same(const struct name_client *c, const char *name, uint64_t generation,
                       struct name_found *found)
{
    err_t e = ns_name_check(text_of(name));

    return err_ok(e) ? ended_meanwhile(names_lookup(&c->channel, name, generation, &found->handle,
                                                    &found->generation, &found->core, &found->process))
                     : e;
}

err_t name_lookup(const struct name_client *c, const char *name, struct name_found *found)
{
    return name_lookup_same(c, name, 0, found);
}

err_t name_wait(const struct name_client *c, const char *name, nanos_t deadline, struct name_found *found)
{
    struct rpc_channel until = rpc_until(&c->channel, deadline);
    err_t e = ns_name_check(text_of(name));

    return err_ok(e) ? ended_meanwhile(names_wait(&until, name, deadline, &found->handle, &found->generation,
                                                  &found->core, &found->process))
                     : e;
}

/* ---- enumerating ---- */

struct page {
    struct names_entry entries[NAMES_LIST_FOUND_MAX];
    char after[NAMES_LIST_AFTER_MAX + 1];
    size_t count;
    bool more;
};

/* False: somebody has seen enough. */
static bool tell(struct page *page, name_each_t each, void *argument)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct names_entry *e = &page->entries[i];
        struct name_entry entry = {.name = e->name,
                                   .attributes = e->attributes,
                                   .core = e->core,
                                   .process = e->process,
                                   .generation = e->generation};

        if (!each(argument, &entry)) {
            return false;
        }
        str_copy(page->after, sizeof(page->after), e->name);
    }
    return true;
}

err_t name_list(const struct name_client *c, const char *prefix, name_each_t each, void *argument)
{
    const struct rpc_memory *memory = c->link.link.memory;
    err_t e = ns_prefix_check(text_of(prefix));
    struct page *page;

    if (!err_ok(e)) {
        return e;
    }
    page = memory->allocate(memory->context, sizeof(*page));
    if (page == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*page));
    }
    page->after[0] = '\0';
    do {
        e = names_list(&c->channel, prefix, page->after, page->entries, NAMES_LIST_FOUND_MAX, &page->count,
                       &page->more);
    } while (err_ok(e) && tell(page, each, argument) && page->more);
    memory->release(memory->context, page, sizeof(*page));
    return e;
}
