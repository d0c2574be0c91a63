/* SPDX-License-Identifier: MIT */
/* Commands about the machine: cores, time, the kernel's log, the end. */
#include "command.h"

/* --- cores, uptime ---- */

static const char *core_state(enum system_core_state state)
{
    switch (state) {
    case CORE_RUNNING:
        return "running";
    case CORE_STARTING:
        return "starting";
    case CORE_STOPPED:
        return "stopped";
    case CORE_DEAD:
        return "dead";
    }
    return "unknown";
}

static bool add_core_name(void *argument, const struct system_core *core)
{
    struct table *t = argument;

    table_cell(t, "%u", core->id);
    table_cell(t, "%s", core_state(core->state));
    return !t->failed;
}

static bool add_core(void *argument, const struct system_core *core)
{
    struct table *t = argument;
    unsigned long long percent = core->up / 100 > 0 ? core->idle / (core->up / 100) : 0;
    bool known = core->idle != NANOS_NEVER;

    add_core_name(t, core);
    table_cell(t, "%u", core->processes);
    if (known) {
        table_cell(t, "%llu %%", percent < 100 ? percent : 100);
    } else {
        table_cell(t, "-");
    }
    table_duration(t, core->up);
    return !t->failed;
}

err_t command_cores(struct shell *sh, const struct arguments *a)
{
    struct table t;
    bool names = given(a, 'n');

    table_init(&t, sh->memory, names ? ">CORE STATE" : ">CORE STATE >PROCESSES >IDLE >UP");
    err_t e = sh->system->cores(sh->system->context, names ? add_core_name : add_core, &t);
    if (err_ok(e)) {
        return print_table(sh, &t);
    }
    table_free(&t);
    return shell_fail_with(sh, e, "cannot list the cores");
}

err_t command_uptime(struct shell *sh, const struct arguments *a)
{
    struct buffer text;

    (void)a;
    buffer_init(&text, sh->memory);
    put_duration(&text, sh->system->now(sh->system->context));
    shell_print(sh, "up %s\n", buffer_text(&text));
    buffer_free(&text);
    return OK;
}

/* --- the log ---- */

#define LOG_PIECE 1024u

/* Takes `count` bytes of a log. */
typedef void (*log_piece_t)(struct shell *sh, struct buffer *kept, const char *bytes, size_t count);

static err_t read_log(struct shell *sh, coreid_t core, log_piece_t piece, struct buffer *kept)
{
    char bytes[LOG_PIECE];
    uint64_t position = 0;
    size_t count;
    err_t e;

    do {
        count = 0;
        e = sh->system->read_log(sh->system->context, core, &position, bytes, sizeof(bytes), &count);
        if (err_ok(e)) {
            piece(sh, kept, bytes, count);
        }
        if (err_ok(e) && sh->system->interrupted(sh->system->context)) {
            return shell_fail(sh, err_make(ERR_CANCELLED, 0), "interrupted");
        }
    } while (err_ok(e) && count > 0);
    return err_ok(e) ? OK : shell_fail_with(sh, e, "cannot read the log of core %u", core);
}

static void print_piece(struct shell *sh, struct buffer *kept, const char *bytes, size_t count)
{
    (void)kept;
    shell_print_text(sh, bytes, count);
}

struct core_list {
    const struct memory *memory;
    coreid_t *ids;
    size_t count;
    bool failed;
};

static bool add_core_id(void *argument, const struct system_core *core)
{
    struct core_list *list = argument;
    coreid_t *ids = memory_resize(list->memory, list->ids, (list->count + 1) * sizeof(*ids));

    list->failed = !ids;
    if (ids) {
        list->ids = ids;
        ids[list->count++] = core->id;
    }
    return !list->failed;
}

static err_t print_all_logs(struct shell *sh)
{
    struct core_list list = {.memory = sh->memory};
    err_t e = sh->system->cores(sh->system->context, add_core_id, &list);

    if (!err_ok(e)) {
        e = shell_fail_with(sh, e, "cannot list the cores");
    } else if (list.failed) {
        e = shell_no_memory(sh);
    }
    for (size_t i = 0; err_ok(e) && i < list.count; i++) {
        if (list.count > 1) {
            shell_print(sh, "--- core %u\n", list.ids[i]);
        }
        e = read_log(sh, list.ids[i], print_piece, NULL);
    }
    memory_free(sh->memory, list.ids);
    return e;
}

err_t command_dmesg(struct shell *sh, const struct arguments *a)
{
    coreid_t core;

    if (!given(a, 'c')) {
        return print_all_logs(sh);
    }
    err_t e = parse_core(sh, value_of(a, 'c'), &core);
    return err_ok(e) ? read_log(sh, core, print_piece, NULL) : e;
}

#define NEWEST_LINES 20u

/* Where the newest lines begin in a text. */
static size_t newest_lines(const struct buffer *text)
{
    size_t lines = 0;
    size_t at = text->length;

    while (at > 0) {
        if (text->bytes[at - 1] == '\n' && at < text->length && ++lines == NEWEST_LINES) {
            break;
        }
        at--;
    }
    return at;
}

/* Keeps the end of what has come so far. */
static void keep_newest(struct shell *sh, struct buffer *kept, const char *bytes, size_t count)
{
    (void)sh;
    buffer_append(kept, bytes, count);
    buffer_remove(kept, 0, newest_lines(kept));
}

static err_t print_newest(struct shell *sh)
{
    struct buffer kept;

    buffer_init(&kept, sh->memory);
    err_t e = read_log(sh, sh->system->core, keep_newest, &kept);
    if (err_ok(e) && kept.failed) {
        e = shell_no_memory(sh);
    }
    if (err_ok(e)) {
        shell_print_text(sh, buffer_text(&kept), kept.length);
    }
    buffer_free(&kept);
    return e;
}

err_t command_log(struct shell *sh, const struct arguments *a)
{
    struct buffer line;

    if (a->count == 0) {
        return print_newest(sh);
    }
    buffer_init(&line, sh->memory);
    for (size_t i = 0; i < a->count; i++) {
        buffer_string(&line, a->words[i]);
        buffer_byte(&line, i + 1 < a->count ? ' ' : '\n');
    }
    bool whole = !line.failed;
    err_t e = whole ? sh->system->write_log(sh->system->context, buffer_text(&line), line.length) : OK;
    buffer_free(&line);
    if (!whole) {
        return shell_no_memory(sh);
    }
    return err_ok(e) ? OK : shell_fail_with(sh, e, "cannot write to the log");
}

/* --- the end ---- */

err_t command_reboot(struct shell *sh, const struct arguments *a)
{
    (void)a;
    shell_flush(sh);
    err_t e = sh->system->reboot(sh->system->context);
    if (!err_ok(e)) {
        return shell_fail_with(sh, e, "the machine goes on");
    }
    sh->leaving = true;
    return OK;
}

err_t command_poweroff(struct shell *sh, const struct arguments *a)
{
    uint64_t code = 0;

    if (a->count > 0) {
        err_t e = parse_number(sh, a->words[0], "exit status", UINT8_MAX, &code);
        if (!err_ok(e)) {
            return e;
        }
    }
    shell_flush(sh);
    err_t e = sh->system->power_off(sh->system->context, (uint8_t)code);
    if (!err_ok(e)) {
        return shell_fail_with(sh, e, "the machine goes on");
    }
    sh->leaving = true;
    sh->status = (uint8_t)code;
    return OK;
}
