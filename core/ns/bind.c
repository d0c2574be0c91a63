/* SPDX-License-Identifier: MIT */
#include <mudskipper/ns/bind.h>
#include <mudskipper/rt/slot.h>

static void connect(const struct name_client *c, struct name_binding *b)
{
    rpc_lmp_link_init(&b->connection.lmp, b->found.handle, c->link.link.memory, c->link.link.slots);
    b->connection.link = &b->connection.lmp.link;
}

err_t name_bind(const struct name_client *c, const char *name, struct name_binding *binding)
{
    err_t e = name_lookup(c, name, &binding->found);

    if (err_ok(e)) {
        connect(c, binding);
    }
    return e;
}

err_t name_bind_wait(const struct name_client *c, const char *name, nanos_t deadline,
                     struct name_binding *binding)
{
    err_t e = name_wait(c, name, deadline, &binding->found);

    if (err_ok(e)) {
        connect(c, binding);
    }
    return e;
}

void name_unbind(struct name_binding *binding)
{
    slot_delete(binding->found.handle);
}
