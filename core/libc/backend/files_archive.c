/* SPDX-License-Identifier: MIT */
/* Files of the boot archive, through the core server. Names may begin with "/" or "./". */
#include <stdlib.h>
#include <mudskipper/libc/backend.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include "core_rpc.h"

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    free(block);
}

/* NOT_FOUND: this process has no core server, and so no files. */
static err_t connect(struct rpc_channel *channel)
{
    static const struct rpc_memory memory = {.allocate = allocate, .release = release};
    static struct rpc_lmp_link link;
    static struct libc_mutex mutex;
    static bool linked;

    if (!rt_has_stream(SLOT_INIT)) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    libc_backend_lock(&mutex);
    if (!linked) {
        rpc_lmp_link_init(&link, SLOT_INIT, &memory, &rpc_own_slots);
        linked = true;
    }
    libc_backend_unlock(&mutex);
    *channel = rpc_channel_of(&link.link);
    return OK;
}

static const char *name_of(const char *path)
{
    while (*path == '/' || (path[0] == '.' && path[1] == '/')) {
        path += *path == '/' ? 1 : 2;
    }
    return path;
}

err_t libc_backend_find_file(const char *path, size_t *length)
{
    struct rpc_channel core;
    uint64_t bytes;
    err_t e = connect(&core);

    if (err_ok(e)) {
        e = core_find_file(&core, name_of(path), &bytes);
    }
    if (err_ok(e)) {
        *length = (size_t)bytes;
    }
    return err_is(e, ERR_CPIO_NOT_FOUND) ? err_make(ERR_NOT_FOUND, 0) : e;
}

err_t libc_backend_read_file(const char *path, size_t offset, void *to, size_t bytes, size_t *done)
{
    uint32_t most = bytes < CORE_READ_FILE_DATA_MAX ? (uint32_t)bytes : CORE_READ_FILE_DATA_MAX;
    struct rpc_channel core;
    err_t e = connect(&core);

    return err_ok(e) ? core_read_file(&core, name_of(path), offset, most, to, bytes, done) : e;
}
