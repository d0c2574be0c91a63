/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/boot_file.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include "archive.h"
#include "memory.h"
#include "processes.h"

#define PRIORITY 16u /* what the kernel gave init; programs get the same */

static void complain(const char *what, err_t why)
{
    char text[200];

    err_print(text, sizeof(text), why);
    rt_log("init: %s: %s\n", what, text);
}

static bool start_statement(const struct archive *archive, const struct boot_statement *s)
{
    char what[64];
    err_t e;

    if (s->keyword != BOOT_FILE_SPAWN) {
        return true;
    }
    e = processes_start(archive, s->program, s->arguments, s->has_priority ? s->priority : PRIORITY);
    if (!err_ok(e)) {
        format_to(what, sizeof(what), "boot file, line %lu: %.*s", s->line, (int)s->program.length,
                  s->program.start);
        complain(what, e);
    }
    return err_ok(e);
}

/* Every statement of the boot file. A wrong line is told and counts as a failure; the others are carried out.
 */
static bool start_all(const struct archive *archive)
{
    const void *text;
    size_t bytes;
    bool good = true;
    struct boot_file file;
    struct boot_statement s;
    err_t e = archive_file(archive, "boot", &text, &bytes);

    if (!err_ok(e)) {
        complain("boot", err_make(ERR_BOOT_NO_FILE, 0));
        return false;
    }
    file = boot_file_open(text, bytes, archive->info->cores);
    for (;;) {
        e = boot_file_next(&file, &s);
        if (!err_ok(e)) {
            complain("boot", e);
            good = false;
        } else if (s.keyword == BOOT_FILE_END) {
            return good;
        } else {
            good &= start_statement(archive, &s);
        }
    }
}

static _Noreturn void power_off(unsigned code)
{
    err_t ignored = cap_kernel(SLOT_KERNEL, KERNEL_POWER_OFF, code);

    (void)ignored; /* does not return */
    rt_exit(code);
}

int main(void)
{
    struct archive archive;
    bool good;
    err_t e = memory_init();

    if (err_ok(e)) {
        e = archive_open(&archive);
    }
    if (!err_ok(e)) {
        complain("cannot start", e);
        power_off(1);
    }
    good = start_all(&archive);
    while (processes_alive() > 0) {
        struct rt_message m;

        e = rt_receive(&m, CPTR_NULL, NANOS_NEVER);
        if (err_ok(e) && m.flags & SYS_CAME_EXIT) {
            processes_ended(&m);
        }
    }
    power_off(good && !processes_any_failed() ? 0 : 1);
}
