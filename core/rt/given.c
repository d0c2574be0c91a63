/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/given.h>
#include <mudskipper/rt/process.h>

static const char *at(uint32_t offset)
{
    return (const char *)rt_self() + offset;
}

const char *rt_environment(const char *name)
{
    const struct start_block *self = rt_self();
    const uint32_t *offsets = (const void *)at(self->envp);

    for (uint32_t i = 0; i < self->envc; i++) {
        struct text setting = text_of(at(offsets[i]));
        size_t length = str_length(name);

        if (setting.length > length && setting.start[length] == '=' &&
            text_is((struct text){setting.start, length}, name)) {
            return setting.start + length + 1;
        }
    }
    return NULL;
}

cptr_t rt_given(const char *name)
{
    const struct start_block *self = rt_self();
    const struct start_cap *caps = (const void *)at(self->caps);

    for (uint32_t i = 0; i < self->capc; i++) {
        if (text_is(text_of(at(caps[i].name)), name)) {
            return caps[i].slot;
        }
    }
    return CPTR_NULL;
}
