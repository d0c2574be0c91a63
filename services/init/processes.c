/* SPDX-License-Identifier: MIT */
#include "processes.h"
#include <mudskipper/abi/objects.h>
#include <mudskipper/pure/boot_file.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/spawn/spawn.h>
#include "archive.h"
#include "memory.h"

#define PROCESS_FIRST 2u /* 1 is init */

struct process {
    struct process *next;
    uint32_t number;
    char name[32];
    cptr_t ram;
    cptr_t dispatcher;
    cptr_t monitor;
};

/* Records come from a page at a time, of init's own memory. */
static struct process *alive;
static struct process *spare;
static unsigned count;
static uint32_t last_number = PROCESS_FIRST - 1;
static bool any_failed;

unsigned processes_alive(void)
{
    return count;
}

bool processes_any_failed(void)
{
    return any_failed;
}

static err_t more_records(void)
{
    struct process *records;
    err_t e = memory_own_page((void **)&records);

    for (unsigned i = 0; err_ok(e) && i < PAGE_SIZE / sizeof(*records); i++) {
        records[i].next = spare;
        spare = &records[i];
    }
    return e;
}

static err_t new_record(struct process **p)
{
    err_t e = spare == NULL ? more_records() : OK;

    if (!err_ok(e)) {
        return e;
    }
    *p = spare;
    spare = spare->next;
    mem_set(*p, 0, sizeof(**p));
    return slot_alloc_run(2, &(*p)->ram);
}

static void drop_record(struct process *p)
{
    slot_delete(p->ram);
    slot_delete(p->ram + 1);
    p->next = spare;
    spare = p;
}

/* Program and arguments as strings of a page of their own. */
struct words {
    char text[3072];
    const char *argv[64];
    unsigned argc;
    size_t used;
};

static err_t add_word(struct words *w, struct text word)
{
    size_t room = sizeof(w->text) - w->used;
    size_t length = word_copy(w->text + w->used, room, word);

    if (length >= room || w->argc == ARRAY_LENGTH(w->argv)) {
        return err_make(ERR_LIMIT, ARRAY_LENGTH(w->argv));
    }
    w->argv[w->argc++] = w->text + w->used;
    w->used += length + 1;
    return OK;
}

static err_t spawn_in(const struct process *p, const struct spawn_request *request)
{
    struct spawned spawned;
    paddr_t base;
    uint64_t bytes;
    err_t e = spawn_bytes(request, &bytes);

    if (err_ok(e)) {
        e = memory_alloc(p->number, bytes, p->ram, &base);
    }
    if (err_ok(e)) {
        e = spawn(request, p->ram, &spawned);
    }
    if (err_ok(e)) {
        ((struct process *)(uintptr_t)p)->dispatcher = spawned.dispatcher;
    }
    return e;
}

/* The record has its number and slots; on failure nothing but them is left. */
static err_t start(struct process *p, struct spawn_request *request)
{
    err_t e = memory_add_client(p->number);

    if (!err_ok(e)) {
        return e;
    }
    e = cap_badge(SLOT_ENDPOINT, p->ram + 1, p->number);
    if (err_ok(e)) {
        request->monitor = p->ram + 1;
        e = spawn_in(p, request);
    }
    if (!err_ok(e)) {
        err_t ignored = memory_end_client(p->number); /* frees what it has; it has little */

        (void)ignored;
    }
    return e;
}

err_t processes_start(const struct archive *archive, struct text program, struct text arguments,
                      unsigned priority)
{
    static struct words words; /* one thread only */
    struct process *p;
    struct text word;
    struct spawn_request request = {.core = rt_self()->core, .priority = priority};
    static const struct spawn_grant log = {.from = SLOT_LOG, .to = SLOT_LOG};
    err_t e;

    words.argc = 0;
    words.used = 0;
    e = add_word(&words, program);
    while (err_ok(e) && boot_file_argument(&arguments, &word)) {
        e = add_word(&words, word);
    }
    if (err_ok(e)) {
        e = archive_program(archive, words.argv[0], &request.elf, &request.elf_bytes);
    }
    if (err_ok(e)) {
        e = new_record(&p);
    }
    if (!err_ok(e)) {
        return e;
    }
    p->number = ++last_number;
    str_copy(p->name, sizeof(p->name), words.argv[0]);
    request.name = p->name;
    request.argc = words.argc;
    request.argv = words.argv;
    request.process = p->number;
    request.grants = &log;
    request.grants_count = 1;
    e = start(p, &request);
    if (!err_ok(e)) {
        drop_record(p);
        return e;
    }
    p->next = alive;
    alive = p;
    count++;
    return OK;
}

static struct process **find(uint64_t number)
{
    struct process **p = &alive;

    while (*p != NULL && (*p)->number != number) {
        p = &(*p)->next;
    }
    return p;
}

void processes_ended(const struct rt_message *message)
{
    struct process **place = find(message->badge);
    struct process *p = *place;
    err_t e;

    if (p == NULL) {
        return; /* a badge that is none of ours: cannot come from the kernel */
    }
    *place = p->next;
    count--;
    any_failed |= message->words[1] != EXIT_BY_ITSELF || message->words[0] != 0;
    slot_delete(p->dispatcher);
    e = memory_end_client(p->number);
    if (!err_ok(e)) {
        rt_log("init: cannot take back the memory of process %u (%s)\n", p->number, p->name);
    }
    drop_record(p);
}
