/* SPDX-License-Identifier: MIT */
#include <mudskipper/ns/bind.h>
#include <mudskipper/rt/slot.h>

static err_t connect(const struct name_client *c, struct name_binding *b)
{
    err_t e = rpc_connect(&b->connection, b->found.handle, c->link.link.memory, c->link.link.slots);

    if (!err_ok(e)) {
        slot_delete(b->found.handle);
    }
    return e;
}

err_t name_bind(const struct name_client *c, const char *name, struct name_binding *binding)
{
    err_t e = name_lookup(c, name, &binding->found);

    return err_ok(e) ? connect(c, binding) : e;
}

err_t name_bind_wait(const struct name_client *c, const char *name, nanos_t deadline,
                     struct name_binding *binding)
{
    err_t e = name_wait(c, name, deadline, &binding->found);

    return err_ok(e) ? connect(c, binding) : e;
}

void name_unbind(struct name_binding *binding)
{
    rpc_disconnect(&binding->connection);
    slot_delete(binding->found.handle);
}
