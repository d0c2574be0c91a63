/* SPDX-License-Identifier: MIT */
/* Made by tools/rpcgen of demo.rpc: change that. */
/* Everything that an interface can say, for the tests. */
#ifndef DEMO_RPC_H
#define DEMO_RPC_H

#include <mudskipper/rpc/channel.h>
#include <mudskipper/rpc/server.h>

#define DEMO_VERSION 3u

#define DEMO_ENTRY_NAME_MAX       31u
#define DEMO_ENTRY_KEY_MAX        16u
#define DEMO_ENTRY_CORNERS_MAX    4u
#define DEMO_ALBUM_TITLE_MAX      600u
#define DEMO_ALBUM_COUNTS_MAX     8u
#define DEMO_WRITE_DATA_MAX       60000u
#define DEMO_READ_DATA_MAX        60000u
#define DEMO_REVERSE_TEXT_MAX     255u
#define DEMO_REVERSE_REVERSED_MAX 255u
#define DEMO_SWAP_ALL_GIVEN_MAX   40u
#define DEMO_SWAP_ALL_BACK_MAX    40u
#define DEMO_MOVE_BY_MAX          16u
#define DEMO_FIND_NAME_MAX        31u
#define DEMO_FIND_ENTRIES_MAX     100u
#define DEMO_STORE_OTHERS_MAX     20u
#define DEMO_REGISTER_NAME_MAX    31u

enum demo_method {
    DEMO_METHOD_NOTHING = 1,
    DEMO_METHOD_ADD = 2,
    DEMO_METHOD_NUMBERS = 3,
    DEMO_METHOD_WRITE = 4,
    DEMO_METHOD_READ = 5,
    DEMO_METHOD_REVERSE = 6,
    DEMO_METHOD_EXCHANGE = 7,
    DEMO_METHOD_SWAP_ALL = 8,
    DEMO_METHOD_MOVE = 9,
    DEMO_METHOD_FIND = 10,
    DEMO_METHOD_STORE = 11,
    DEMO_METHOD_LATER = 12,
    DEMO_METHOD_FAIL = 13,
    DEMO_METHOD_REGISTER = 14,
    DEMO_METHOD_UNANSWERED = 15,
    DEMO_METHOD_MIRROR = 16,
};

/* A place on a screen. */
struct demo_point {
    uint16_t x;
    uint16_t y;
};

struct demo_entry {
    char name[DEMO_ENTRY_NAME_MAX + 1];
    uint64_t size;
    bool hidden;
    size_t key_bytes;
    uint8_t key[DEMO_ENTRY_KEY_MAX];
    size_t corners_count;
    struct demo_point corners[DEMO_ENTRY_CORNERS_MAX];
    cptr_t content;
};

struct demo_album {
    char title[DEMO_ALBUM_TITLE_MAX + 1];
    struct demo_entry first;
    size_t counts_count;
    uint32_t counts[DEMO_ALBUM_COUNTS_MAX];
};

/* ---- client: each blocks until the call has ended, or the deadline of the channel. Results are written
 * on success only; memory of strings, bytes, structs and lists may have been changed before an error. */

MUST_USE err_t demo_nothing(const struct rpc_channel *channel);

/* Adds two numbers. The sum wraps around. */
MUST_USE err_t demo_add(const struct rpc_channel *channel, uint64_t a, uint64_t b, uint64_t *sum);

MUST_USE err_t demo_numbers(const struct rpc_channel *channel, uint8_t a, uint16_t b, uint32_t c, uint64_t d,
                            bool f, bool *f2, uint64_t *d2, uint32_t *c2, uint16_t *b2, uint8_t *a2);

MUST_USE err_t demo_write(const struct rpc_channel *channel, const void *data, size_t data_bytes,
                          uint32_t *written, uint64_t *hash);

MUST_USE err_t demo_read(const struct rpc_channel *channel, uint32_t count, void *data, size_t data_room,
                         size_t *data_bytes);

MUST_USE err_t demo_reverse(const struct rpc_channel *channel, const char *text, char *reversed,
                            size_t reversed_room);

MUST_USE err_t demo_exchange(const struct rpc_channel *channel, cptr_t given, cptr_t perhaps, cptr_t *back,
                             cptr_t *maybe);

MUST_USE err_t demo_swap_all(const struct rpc_channel *channel, const cptr_t *given, size_t given_count,
                             cptr_t *back, size_t back_room, size_t *back_count);

MUST_USE err_t demo_move(const struct rpc_channel *channel, const struct demo_point *where,
                         const struct demo_point *by, size_t by_count, struct demo_point *there);

MUST_USE err_t demo_find(const struct rpc_channel *channel, const char *name, uint32_t first,
                         struct demo_entry *entries, size_t entries_room, size_t *entries_count, bool *more);

MUST_USE err_t demo_store(const struct rpc_channel *channel, const struct demo_album *what,
                          const struct demo_entry *others, size_t others_count, struct demo_album *what_was);

MUST_USE err_t demo_later(const struct rpc_channel *channel, uint64_t token, uint64_t *answer);

MUST_USE err_t demo_fail(const struct rpc_channel *channel, uint64_t detail);

/* A word of C. */
MUST_USE err_t demo_register(const struct rpc_channel *channel, const char *name, uint8_t int_);

MUST_USE err_t demo_unanswered(const struct rpc_channel *channel, uint8_t *never);

MUST_USE err_t demo_mirror(const struct rpc_channel *channel, const struct demo_point *where,
                           struct demo_point *there);

/* ---- server: handlers, of which any may be NULL (mudskipper/rpc/server.h says how they answer) */

struct demo_ops {
    err_t (*nothing)(void *context, struct rpc_request *request);
    err_t (*add)(void *context, struct rpc_request *request, uint64_t a, uint64_t b);
    err_t (*numbers)(void *context, struct rpc_request *request, uint8_t a, uint16_t b, uint32_t c,
                     uint64_t d, bool f);
    err_t (*write)(void *context, struct rpc_request *request, const void *data, size_t data_bytes);
    err_t (*read)(void *context, struct rpc_request *request, uint32_t count);
    err_t (*reverse)(void *context, struct rpc_request *request, const char *text);
    err_t (*exchange)(void *context, struct rpc_request *request, cptr_t given, cptr_t perhaps);
    err_t (*swap_all)(void *context, struct rpc_request *request, const cptr_t *given, size_t given_count);
    err_t (*move)(void *context, struct rpc_request *request, const struct demo_point *where,
                  const struct demo_point *by, size_t by_count);
    err_t (*find)(void *context, struct rpc_request *request, const char *name, uint32_t first);
    err_t (*store)(void *context, struct rpc_request *request, const struct demo_album *what,
                   const struct demo_entry *others, size_t others_count);
    err_t (*later)(void *context, struct rpc_request *request, uint64_t token);
    err_t (*fail)(void *context, struct rpc_request *request, uint64_t detail);
    err_t (*register_)(void *context, struct rpc_request *request, const char *name, uint8_t int_);
    err_t (*unanswered)(void *context, struct rpc_request *request);
    err_t (*mirror)(void *context, struct rpc_request *request, const struct demo_point *where);
};

extern const struct rpc_interface demo_interface;

MUST_USE err_t demo_add_reply(struct rpc_request *request, uint64_t sum);

MUST_USE err_t demo_numbers_reply(struct rpc_request *request, bool f2, uint64_t d2, uint32_t c2, uint16_t b2,
                                  uint8_t a2);

MUST_USE err_t demo_write_reply(struct rpc_request *request, uint32_t written, uint64_t hash);

MUST_USE err_t demo_read_reply(struct rpc_request *request, const void *data, size_t data_bytes);

MUST_USE err_t demo_reverse_reply(struct rpc_request *request, const char *reversed);

MUST_USE err_t demo_exchange_reply(struct rpc_request *request, cptr_t back, cptr_t maybe);

MUST_USE err_t demo_swap_all_reply(struct rpc_request *request, const cptr_t *back, size_t back_count);

MUST_USE err_t demo_move_reply(struct rpc_request *request, const struct demo_point *there);

MUST_USE err_t demo_find_reply(struct rpc_request *request, const struct demo_entry *entries,
                               size_t entries_count, bool more);

MUST_USE err_t demo_store_reply(struct rpc_request *request, const struct demo_album *what_was);

MUST_USE err_t demo_later_reply(struct rpc_request *request, uint64_t answer);

MUST_USE err_t demo_unanswered_reply(struct rpc_request *request, uint8_t never);

MUST_USE err_t demo_mirror_reply(struct rpc_request *request, const struct demo_point *there);

#endif
