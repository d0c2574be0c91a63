/* SPDX-License-Identifier: MIT */
/* The boot archive and the log. */
#include "system_core.h"

#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/process.h>

#define PROGRAMS "bin/"

err_t system_files(void *context, system_file_each_t each, void *argument)
{
    static char name[CORE_FILE_NAME_MAX + 1];
    uint64_t position = 0;

    (void)context;
    for (;;) {
        struct system_file file = {.name = name};
        err_t e = core_file(&system_core_server, position, &position, name, sizeof(name), &file.bytes);

        if (!err_ok(e) || name[0] == '\0') {
            return e;
        }
        if (str_starts_with(name, PROGRAMS)) {
            file.program = name + sizeof(PROGRAMS) - 1;
        }
        if (!each(argument, &file)) {
            return OK;
        }
    }
}

err_t system_read_file(void *context, const char *name, uint64_t offset, void *buffer, size_t size,
                       size_t *count)
{
    uint32_t most = size < CORE_READ_FILE_DATA_MAX ? (uint32_t)size : CORE_READ_FILE_DATA_MAX;

    (void)context;
    return core_read_file(&system_core_server, name, offset, most, buffer, size, count);
}

/* The core server gives whole pieces, so `size` is never less than one answer. */
err_t system_read_log(void *context, coreid_t core, uint64_t *position, void *buffer, size_t size,
                      size_t *count)
{
    (void)context;
    return core_read_log(&system_core_server, core, *position, position, buffer, size, count);
}

err_t system_write_log(void *context, const char *text, size_t count)
{
    (void)context;
    return rt_log_write(text, count);
}
