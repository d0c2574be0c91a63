/* SPDX-License-Identifier: MIT */
/* The programs of the manifest that were asked for, one after the other: README.md. */
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/given.h>
#include <mudskipper/rt/process.h>
#include "books.h"
#include "core_rpc.h"
#include "logs.h"
#include "manifest.h"
#include "memory.h"
#include "report.h"
#include "run.h"

#define PATIENCE_SECONDS 60u
#define PATIENCE_MOST    1000000u

static struct rpc_channel core;
static struct manifest manifest;
static const char *manifest_name = "test/manifest";
static struct text asked; /* names with commas between; start NULL: all */

/* Takes a name off the list. */
static bool next_name(struct text *list, struct text *name)
{
    return boot_file_cap(list, name); /* the same list */
}

static bool is_asked(struct text program)
{
    struct text rest = asked;
    struct text name;

    while (next_name(&rest, &name)) {
        if (text_equal(name, program)) {
            return true;
        }
    }
    return asked.start == NULL;
}

/* The next program that was asked for; keyword BOOT_FILE_END: that was all. */
static err_t next(struct boot_file *file, struct boot_statement *s)
{
    err_t e;

    do {
        e = manifest_next(file, s);
    } while (err_ok(e) && s->keyword != BOOT_FILE_END && !is_asked(s->program));
    return e;
}

static bool has(struct text name)
{
    struct boot_file file = manifest_open(&manifest);
    struct boot_statement s;

    while (err_ok(manifest_next(&file, &s)) && s.keyword != BOOT_FILE_END) {
        if (text_equal(s.program, name)) {
            return true;
        }
    }
    return false;
}

static bool plan_unknown(void)
{
    struct text rest = asked;
    struct text name;
    bool good = true;

    while (next_name(&rest, &name)) {
        if (!has(name)) {
            report_line(NULL, "planned %.*s", (int)name.length, name.start);
            report_line(NULL, "%.*s: end not in %s", (int)name.length, name.start, manifest_name);
            good = false;
        }
    }
    return good;
}

/* All that will run is told before the first does. */
static bool plan(void)
{
    struct boot_file file = manifest_open(&manifest);
    struct boot_statement s;
    char text[160];
    err_t e;

    for (;;) {
        e = next(&file, &s);
        if (!err_ok(e) || s.keyword == BOOT_FILE_END) {
            break;
        }
        report_line(NULL, "planned %.*s", (int)s.program.length, s.program.start);
    }
    if (!err_ok(e)) {
        err_print(text, sizeof(text), e);
        report_line(NULL, "%s: %s", manifest_name, text);
    }
    return plan_unknown() && err_ok(e);
}

static uint64_t patience(void)
{
    const char *seconds = rt_environment("TEST_SECONDS");
    uint64_t number;

    return seconds != NULL && text_number(text_of(seconds), &number) && number > 0 && number <= PATIENCE_MOST
               ? number
               : PATIENCE_SECONDS;
}

static bool run_all(void)
{
    struct boot_file file = manifest_open(&manifest);
    struct boot_statement s;
    bool good = plan();

    while (err_ok(next(&file, &s)) && s.keyword != BOOT_FILE_END) {
        good &= run_program(&core, &s, patience());
    }
    return good;
}

static err_t start(void)
{
    static struct rpc_lmp_link link;
    const char *names = rt_environment("TESTS");
    const char *file = rt_environment("TEST_MANIFEST");
    err_t e = memory_init();

    if (names != NULL) {
        asked = text_of(names);
    }
    if (file != NULL) {
        manifest_name = file;
    }
    rpc_lmp_link_init(&link, SLOT_INIT, &memory_of_calls, &rpc_own_slots);
    core = rpc_channel_of(&link.link);
    if (err_ok(e)) {
        e = logs_init(&core);
    }
    if (err_ok(e)) {
        books_init(&core);
        e = report_init();
    }
    return err_ok(e) ? manifest_read(&core, manifest_name, &manifest) : e;
}

int main(void)
{
    char text[160];
    err_t e = start();
    int status = 1;

    if (err_ok(e)) {
        status = run_all() ? 0 : 1;
        report_line(NULL, "end");
    } else {
        err_print(text, sizeof(text), e);
        report_line(NULL, "cannot start: %s", text);
    }
    e = core_power_off(&core, (uint32_t)status);
    err_print(text, sizeof(text), e);
    report_line(NULL, "cannot power off: %s", text);
    return status;
}
