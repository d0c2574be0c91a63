/* SPDX-License-Identifier: MIT */
#include "links.h"
#include "server.h"

err_t links_init(void)
{
    names.live = names.memory.allocate(names.memory.context, sizeof(*names.live));
    if (names.live == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*names.live));
    }
    names.live[0] = names.core;
    names.count = 1;
    return OK;
}

err_t links_channel(coreid_t core, struct rpc_channel *channel)
{
    (void)channel;
    return err_make(ERR_BAD_CORE, core);
}
