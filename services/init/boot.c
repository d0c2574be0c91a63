/* SPDX-License-Identifier: MIT */
#include "boot.h"
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/boot_file.h>
#include <mudskipper/pure/command_line.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/process.h>
#include "archive.h"
#include "drivers.h"
#include "memory.h"
#include "processes.h"

#define BOOT_FILE "boot"

static void complain(const char *what, err_t why)
{
    char text[200];
    char line[300];

    err_print(text, sizeof(text), why);
    format_to(line, sizeof(line), "init: %s: %s\n", what, text);
    rt_log("%s", line);
    drivers_say(line);
}

/* Program, arguments and environment as strings. */
struct words {
    const char **argv; /* with what envp points to and all strings behind it: one block */
    unsigned argc;
    const char **envp;
    unsigned envc;
    char *free; /* where the next string goes */
};

static const char *add_word(struct words *w, struct text word)
{
    const char *at = w->free;

    w->free += word_copy(w->free, word.length + 1, word) + 1;
    return at;
}

static const char *command_line(const struct archive *archive)
{
    return (const char *)archive->info + archive->info->command_line;
}

/* env=KEY=VALUE stands among the options of a statement, or in the command line for all of them. */
static void take_environment(struct words *w, struct text from)
{
    struct text setting;

    while (boot_file_environment(&from, &setting)) {
        w->envp[w->envc++] = add_word(w, setting);
    }
}

static err_t take_words(struct words *w, const struct archive *archive, const struct boot_statement *s)
{
    struct text line = text_of(command_line(archive));
    size_t text = s->program.length + s->arguments.length + s->options.length + line.length;
    size_t most = text / 2 + 4; /* a word and the blank behind it are two bytes at least */
    size_t bytes = 2 * most * sizeof(*w->argv) + text + most;
    struct text arguments = s->arguments;
    struct text word;

    *w = (struct words){.argv = heap_malloc(memory_heap(), bytes)};
    if (w->argv == NULL) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    w->envp = &w->argv[most];
    w->free = (char *)&w->envp[most];
    w->argv[w->argc++] = add_word(w, s->program);
    while (boot_file_argument(&arguments, &word)) {
        w->argv[w->argc++] = add_word(w, word);
    }
    take_environment(w, line);
    take_environment(w, s->options);
    return OK;
}

err_t boot_rights(struct text caps, unsigned *rights)
{
    static const struct {
        const char *name;
        enum process_right right;
    } known[] = {
        {"log", MAY_READ_LOG}, {"inspect", MAY_INSPECT}, {"manage", MAY_MANAGE}, {"names", MAY_SERVE_NAMES}};
    struct text name;

    *rights = 0;
    while (boot_file_cap(&caps, &name)) {
        unsigned i = 0;

        while (i < ARRAY_LENGTH(known) && !text_is(name, known[i].name)) {
            i++;
        }
        if (i == ARRAY_LENGTH(known)) {
            return err_make(ERR_NOT_FOUND, 0);
        }
        *rights |= known[i].right;
    }
    return OK;
}

/* "console" is the only stream there is before a nameserver. */
static err_t take_streams(const struct boot_statement *s, unsigned *streams)
{
    const struct text names[] = {s->stdin_name, s->stdout_name, s->stderr_name};

    *streams = 0;
    for (unsigned i = 0; i < ARRAY_LENGTH(names); i++) {
        if (names[i].start == NULL) {
            continue;
        }
        if (!word_is(names[i], "console")) {
            return err_make(ERR_NAME_UNKNOWN, 0);
        }
        *streams |= 1u << i;
    }
    return OK;
}

/* `again`: where a process stems from that has ended; NULL: all processes of the statement. */
static err_t start(const struct archive *archive, const struct boot_statement *s,
                   const struct boot_origin *again)
{
    struct process_start what = {.parent = PROCESS_NONE,
                                 .priority = s->has_priority ? s->priority : PRIORITY_NORMAL,
                                 .origin = {.line = s->line, .restart = s->restart}};
    struct words words;
    uint32_t number;
    err_t e = boot_rights(s->caps, &what.rights);

    if (err_ok(e)) {
        e = take_streams(s, &what.streams);
    }
    if (err_ok(e)) {
        e = take_words(&words, archive, s);
    }
    if (!err_ok(e)) {
        return e;
    }
    if (what.rights & MAY_SERVE_NAMES) {
        what.endpoint = processes_names();
        what.is_driver = true;
    }
    what.argc = words.argc;
    what.argv = words.argv;
    what.envc = words.envc;
    what.envp = words.envp;
    if (again != NULL) {
        what.origin = *again;
    }
    if (s->keyword != BOOT_FILE_DRIVER) {
        e = processes_start(&what, &number);
    } else if (again != NULL) {
        e = drivers_start_one(archive, s, again->device, &what);
    } else {
        e = drivers_start(archive, s, &what);
    }
    heap_free(memory_heap(), words.argv);
    return e;
}

static bool is_for_here(const struct boot_statement *s)
{
    return (s->keyword == BOOT_FILE_SPAWN || s->keyword == BOOT_FILE_DRIVER) &&
           (s->all_cores || s->core == rt_self()->core);
}

/* Without memory what has ended is started again later, and nothing is wrong. */
static err_t start_statement(const struct archive *archive, const struct boot_statement *s,
                             const struct boot_origin *again)
{
    char what[64];
    err_t e = start(archive, s, again);

    if (!err_ok(e) && (again == NULL || !err_is_shortage(e))) {
        format_to(what, sizeof(what), "boot file, line %lu: %.*s", s->line, (int)s->program.length,
                  s->program.start);
        complain(what, e);
    }
    memory_tend();
    return e;
}

/* Which file of the archive is the boot file, in memory: boot=NAME of the command line says it. */
static char *file_name(const struct archive *archive)
{
    const char *line = command_line(archive);
    size_t room = str_length(line) + sizeof(BOOT_FILE);
    char *name = heap_malloc(memory_heap(), room);
    size_t length;

    if (name != NULL && !command_line_get(line, "boot", name, room, &length)) {
        str_copy(name, room, BOOT_FILE);
    }
    return name;
}

static err_t find_file(const struct archive *archive, struct boot_file *file)
{
    char *name = file_name(archive);
    const void *text;
    size_t bytes;
    err_t e = name != NULL ? archive_file(archive, name, &text, &bytes) : err_make(ERR_NO_MEMORY, 0);

    if (err_ok(e)) {
        *file = boot_file_open(text, bytes, archive->info->cores);
    } else {
        complain(name != NULL ? name : BOOT_FILE, name != NULL ? err_make(ERR_BOOT_NO_FILE, 0) : e);
    }
    heap_free(memory_heap(), name);
    return e;
}

bool boot_start_all(const struct archive *archive)
{
    bool good = true;
    struct boot_file file;
    struct boot_statement s;
    err_t e = find_file(archive, &file);

    if (!err_ok(e)) {
        return false;
    }
    for (;;) {
        e = boot_file_next(&file, &s);
        if (!err_ok(e)) {
            good = false;
            if (rt_self()->core == 0) {
                complain("boot", e); /* once is enough */
            }
        } else if (s.keyword == BOOT_FILE_END) {
            return good;
        } else if (is_for_here(&s)) {
            good &= err_ok(start_statement(archive, &s, NULL));
        }
    }
}

/* ---- again ---- */

/* The statement of a line that was carried out before. */
static err_t statement_of(const struct archive *archive, uint64_t line, struct boot_statement *s)
{
    struct boot_file file;
    err_t e = find_file(archive, &file);

    if (!err_ok(e)) {
        return e;
    }
    do {
        e = boot_file_next(&file, s);
    } while (!err_ok(e) /* passed over, as it was then */ ||
             (s->line != line && s->keyword != BOOT_FILE_END));
    return s->line == line ? OK : err_make(ERR_NOT_FOUND, line);
}

bool boot_wants_again(struct process *ended)
{
    struct boot_origin *origin = &ended->origin;

    if (origin->line == 0 || !restart_wanted(origin->restart, processes_ended_well(ended))) {
        return false;
    }
    if (!restart_allowed(&origin->restarts, rt_now())) {
        rt_log("init: %s has ended %u times within %u s and is not started again\n", ended->name,
               RESTARTS_MAX + 1, (unsigned)(RESTARTS_WITHIN / 1000000000));
        return false;
    }
    return true;
}

err_t boot_start_again(const struct archive *archive, const struct process *ended)
{
    struct boot_statement s;
    err_t e = statement_of(archive, ended->origin.line, &s);

    return err_ok(e) ? start_statement(archive, &s, &ended->origin) : e;
}
