/* SPDX-License-Identifier: MIT */
/* Starting programs for processes. */
#include <mudskipper/heap/heap.h>
#include <mudskipper/pure/bytes.h>
#include "boot.h"
#include "core_calls.h"
#include "core_rpc.h"
#include "memory.h"

static unsigned count_words(const char *words, size_t bytes)
{
    unsigned count = 0;

    for (size_t i = 0; i < bytes; i++) {
        count += words[i] == '\0';
    }
    return count;
}

/* Points into `words`. */
static void point_at(const char **list, unsigned count, const char *words)
{
    for (unsigned i = 0; i < count; i++) {
        list[i] = words;
        words += str_length(words) + 1;
    }
}

static bool are_words(const char *words, size_t bytes)
{
    return bytes == 0 || words[bytes - 1] == '\0';
}

/* What came of a start that is filled but for its words. */
static err_t start_words(struct process_start *what, const char *words, size_t words_bytes,
                         const char *settings, size_t settings_bytes, uint32_t *number)
{
    const char **list;
    size_t room;
    err_t e;

    what->argc = count_words(words, words_bytes);
    what->envc = count_words(settings, settings_bytes);
    if (what->argc == 0 || !are_words(words, words_bytes) || !are_words(settings, settings_bytes)) {
        return err_make(ERR_BAD_ARGUMENT, 1);
    }
    room = ((size_t)what->argc + what->envc) * sizeof(*list);
    list = heap_malloc(memory_heap(), room);
    if (list == NULL) {
        return err_make(ERR_NO_MEMORY, room);
    }
    point_at(list, what->argc, words);
    point_at(list + what->argc, what->envc, settings);
    what->argv = list;
    what->envp = list + what->argc;
    e = processes_start(what, number);
    heap_free(memory_heap(), list);
    return e;
}

/* A start on behalf of the caller, who has the streams. */
static err_t child_of(const struct rpc_request *request, struct process_start *what)
{
    const struct process *parent = caller_of(request);

    if (parent == NULL) {
        return err_make(ERR_PEER_GONE, 0); /* it has just ended */
    }
    *what = (struct process_start){
        .parent = parent->number, .streams = parent->streams, .priority = PRIORITY_NORMAL};
    return OK;
}

err_t serve_spawn(void *context, struct rpc_request *request, const void *words, size_t bytes)
{
    struct process_start what;
    uint32_t number;
    err_t e = child_of(request, &what);

    (void)context;
    if (err_ok(e)) {
        e = start_words(&what, words, bytes, NULL, 0, &number);
    }
    return err_ok(e) ? core_spawn_reply(request, number) : e;
}

/* Nobody gives a child what he has not got himself. */
static err_t give_rights(const struct rpc_request *request, const char *caps, struct process_start *what)
{
    err_t e = boot_rights(text_of(caps), &what->rights);

    return err_ok(e) && what->rights & ~caller_of(request)->rights ? refused() : e;
}

err_t serve_start(void *context, struct rpc_request *request, const void *words, size_t words_bytes,
                  const void *settings, size_t settings_bytes, const char *caps, cptr_t out)
{
    struct process_start what;
    uint32_t number;
    err_t e = child_of(request, &what);

    (void)context;
    if (err_ok(e)) {
        e = give_rights(request, caps, &what);
    }
    if (err_ok(e)) {
        what.out = out;
        what.streams &= out != CPTR_NULL ? STREAM_IN : STREAMS_ALL;
        e = start_words(&what, words, words_bytes, settings, settings_bytes, &number);
    }
    return err_ok(e) ? core_start_reply(request, number) : e;
}

err_t serve_spawn_on(void *context, struct rpc_request *request, uint32_t core, uint8_t streams,
                     const char *caps, const void *words, size_t bytes)
{
    struct process_start what;
    uint32_t number;
    bool other = false;
    err_t e = core == CORE_OWN ? OK : is_other(core, &other);

    (void)context;
    if (err_ok(e)) {
        e = child_of(request, &what);
    }
    if (err_ok(e)) {
        e = give_rights(request, caps, &what);
    }
    if (!err_ok(e)) {
        return e;
    }
    what.streams &= streams;
    if (other) {
        return others_spawn(request, (coreid_t)core, &what, words, bytes);
    }
    e = start_words(&what, words, bytes, NULL, 0, &number);
    return err_ok(e) ? core_spawn_on_reply(request, number) : e;
}

err_t spawn_for(uint32_t parent, unsigned streams, unsigned rights, const void *words, size_t bytes,
                uint32_t *number)
{
    struct process_start what = {
        .parent = parent, .streams = streams & STREAMS_ALL, .rights = rights, .priority = PRIORITY_NORMAL};
    err_t e = start_words(&what, words, bytes, NULL, 0, number);

    return err_ok(e) ? watch_child(*number) : e;
}
