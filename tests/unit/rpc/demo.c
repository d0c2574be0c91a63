/* SPDX-License-Identifier: MIT */
/* The service of the demo interface. */
#include <string.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/hash.h>
#include "world.h"

static err_t nothing(void *context, struct rpc_request *request)
{
    (void)context;
    (void)request;
    return OK;
}

static err_t add(void *context, struct rpc_request *request, uint64_t a, uint64_t b)
{
    (void)context;
    return demo_add_reply(request, a + b);
}

static err_t numbers(void *context, struct rpc_request *request, uint8_t a, uint16_t b, uint32_t c,
                     uint64_t d, bool f)
{
    (void)context;
    return demo_numbers_reply(request, !f, d + 1, c + 1, (uint16_t)(b + 1), (uint8_t)(a + 1));
}

static err_t write(void *context, struct rpc_request *request, const void *data, size_t data_bytes)
{
    struct world *w = context;

    mem_copy(w->written, data, data_bytes);
    w->written_bytes = data_bytes;
    return demo_write_reply(request, (uint32_t)data_bytes, hash_fnv(HASH_FNV_START, data, data_bytes));
}

static err_t read(void *context, struct rpc_request *request, uint32_t count)
{
    static uint8_t data[RPC_MESSAGE_MAX];

    (void)context;
    for (size_t i = 0; i < count && i < sizeof(data); i++) {
        data[i] = demo_byte(i);
    }
    return demo_read_reply(request, data, count);
}

static err_t reverse(void *context, struct rpc_request *request, const char *text)
{
    char reversed[DEMO_REVERSE_TEXT_MAX + 1];
    size_t length = str_length(text);

    (void)context;
    for (size_t i = 0; i < length; i++) {
        reversed[i] = text[length - 1 - i];
    }
    reversed[length] = '\0';
    return demo_reverse_reply(request, reversed);
}

static err_t exchange(void *context, struct rpc_request *request, cptr_t given, cptr_t perhaps)
{
    (void)context;
    return demo_exchange_reply(request, given, perhaps);
}

static err_t swap_all(void *context, struct rpc_request *request, const cptr_t *given, size_t given_count)
{
    cptr_t back[DEMO_SWAP_ALL_GIVEN_MAX];

    (void)context;
    for (size_t i = 0; i < given_count; i++) {
        back[i] = given[given_count - 1 - i];
    }
    return demo_swap_all_reply(request, back, given_count);
}

static err_t move(void *context, struct rpc_request *request, const struct demo_point *where,
                  const struct demo_point *by, size_t by_count)
{
    struct demo_point there = *where;

    (void)context;
    for (size_t i = 0; i < by_count; i++) {
        there.x = (uint16_t)(there.x + by[i].x);
        there.y = (uint16_t)(there.y + by[i].y);
    }
    return demo_move_reply(request, &there);
}

/* 100 entries from `first` on, numbered, the odd ones with the object 1000 + number; kept to see that results
 * need not stay. */
static err_t find(void *context, struct rpc_request *request, const char *name, uint32_t first)
{
    static struct demo_entry entries[DEMO_FIND_ENTRIES_MAX];
    struct world *w = context;
    err_t e;

    memset(entries, 0, sizeof(entries));
    for (uint32_t i = 0; i < DEMO_FIND_ENTRIES_MAX; i++) {
        struct demo_entry *entry = &entries[i];

        (void)str_copy(entry->name, sizeof(entry->name), name);
        entry->size = first + i;
        entry->hidden = i % 3 == 0;
        entry->key_bytes = i % (DEMO_ENTRY_KEY_MAX + 1);
        memset(entry->key, (int)i, entry->key_bytes);
        entry->corners_count = i % (DEMO_ENTRY_CORNERS_MAX + 1);
        for (size_t c = 0; c < entry->corners_count; c++) {
            entry->corners[c] = (struct demo_point){(uint16_t)i, (uint16_t)c};
        }
        if (i % 2 == 1 && w->slots_used < w->slots_room) {
            entry->content = world_object(w, 1000 + i);
        }
    }
    e = demo_find_reply(request, entries, DEMO_FIND_ENTRIES_MAX, true);
    for (uint32_t i = 0; i < DEMO_FIND_ENTRIES_MAX; i++) {
        if (entries[i].content != CPTR_NULL) {
            world_give(w, entries[i].content);
        }
    }
    return e;
}

static err_t store(void *context, struct rpc_request *request, const struct demo_album *what,
                   const struct demo_entry *others, size_t others_count)
{
    struct demo_album was = *what;

    (void)context;
    for (size_t i = 0; i < others_count; i++) {
        was.first.size += others[i].size;
    }
    return demo_store_reply(request, &was);
}

static err_t later(void *context, struct rpc_request *request, uint64_t token)
{
    struct world *w = context;

    (void)token;
    return rpc_keep(request, &w->kept);
}

static err_t fail(void *context, struct rpc_request *request, uint64_t detail)
{
    (void)context;
    (void)request;
    return err_push(err_push(err_make(ERR_ELF_MAGIC, detail), ERR_WHILE_LOAD), ERR_WHILE_SPAWN);
}

static err_t unanswered(void *context, struct rpc_request *request)
{
    (void)context;
    (void)request;
    return OK;
}

static err_t mirror(void *context, struct rpc_request *request, const struct demo_point *where)
{
    (void)context;
    return demo_mirror_reply(request, &(struct demo_point){where->y, where->x});
}

const struct demo_ops demo_ops = {
    .nothing = nothing,
    .add = add,
    .numbers = numbers,
    .write = write,
    .read = read,
    .reverse = reverse,
    .exchange = exchange,
    .swap_all = swap_all,
    .move = move,
    .find = find,
    .store = store,
    .later = later,
    .fail = fail,
    .unanswered = unanswered,
    .mirror = mirror,
};
