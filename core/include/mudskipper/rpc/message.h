/* SPDX-License-Identifier: MIT */
/* Building and reading the payload of a message. Values stand one behind the other, without gaps:
 *
 *    u8 u16 u32 u64     1, 2, 4, 8 bytes, lowest first
 *    bool               1 byte, 0 or 1
 *    bytes              u32 length | the bytes
 *    string             u32 length | the bytes, none of them 0 | 0
 *    list               u32 length | the elements
 *    cap                1 byte: 1, and it is the next capability of the message; 0, there is none
 *
 * An error sticks: later values are not written, or read as zero, and who made the message asks once at its
 * end. Pure; not thread-safe: a message has one owner at a time. */
#ifndef MUDSKIPPER_RPC_MESSAGE_H
#define MUDSKIPPER_RPC_MESSAGE_H

#include <mudskipper/rpc/wire.h>

/* Where memory comes from. Thread-safe when messages of several threads use it. */
struct rpc_memory {
    void *(*allocate)(void *context, size_t bytes); /* 16-byte aligned; NULL: there is none */
    void (*release)(void *context, void *block, size_t bytes);
    void *context;
};

/* Where capabilities go, and how copies of them are kept; thread-safe likewise. */
struct rpc_slots {
    cptr_t (*take)(void *context); /* an empty slot, the caller's until given back; CPTR_NULL: none left */
    void (*give)(void *context, cptr_t slot); /* deletes what is in it */
    MUST_USE err_t (*copy)(void *context, cptr_t from, cptr_t to);
    void *context;
};

#define RPC_SMALL_CAPS 4u

/* A message being built, or one that came. What fits a part needs no memory. Stays where it was initialised.
 */
struct rpc_message {
    const struct rpc_memory *memory;
    uint8_t *payload;
    size_t bytes;
    size_t room;
    cptr_t *caps;
    unsigned cap_count;
    unsigned cap_room;
    err_t error; /* the first one; read it when the message is complete */
    _Alignas(8) uint8_t small[RPC_PART_BYTES];
    cptr_t small_caps[RPC_SMALL_CAPS];
};

void rpc_message_init(struct rpc_message *m, const struct rpc_memory *memory);

/* Its memory goes back; capabilities are not touched. */
void rpc_message_free(struct rpc_message *m);

/* Makes room for an empty message of that size. NO_MEMORY. */
MUST_USE err_t rpc_message_reserve(struct rpc_message *m, size_t bytes, unsigned caps);

/* Longer than `max` is MSG_TOO_LONG with the limit. Strings and bytes are read before these return. */
void rpc_put_u8(struct rpc_message *m, uint8_t value);
void rpc_put_u16(struct rpc_message *m, uint16_t value);
void rpc_put_u32(struct rpc_message *m, uint32_t value);
void rpc_put_u64(struct rpc_message *m, uint64_t value);
void rpc_put_bool(struct rpc_message *m, bool value);
void rpc_put_string(struct rpc_message *m, const char *value, size_t max);
void rpc_put_bytes(struct rpc_message *m, const void *value, size_t bytes, size_t max);
void rpc_put_count(struct rpc_message *m, size_t count, size_t max);

/* CPTR_NULL is BAD_ARGUMENT unless `optional`. */
void rpc_put_cap(struct rpc_message *m, cptr_t cap, bool optional);

/* A view of a message's payload that is read from the front. */
struct rpc_reader {
    const uint8_t *payload;
    size_t bytes;
    size_t at;
    const cptr_t *caps;
    unsigned cap_count;
    unsigned cap_at;
    err_t error; /* MSG_MALFORMED, or MSG_TOO_LONG for what the caller has no room for */
};

void rpc_reader_init(struct rpc_reader *r, const void *payload, size_t bytes, const cptr_t *caps,
                     unsigned cap_count);

uint8_t rpc_get_u8(struct rpc_reader *r);
uint16_t rpc_get_u16(struct rpc_reader *r);
uint32_t rpc_get_u32(struct rpc_reader *r);
uint64_t rpc_get_u64(struct rpc_reader *r);
bool rpc_get_bool(struct rpc_reader *r);

/* In place, as long as the message lives. At most `max` bytes; what is wrong reads as "" or nothing. */
const char *rpc_get_string(struct rpc_reader *r, size_t max);
const void *rpc_get_bytes(struct rpc_reader *r, size_t max, size_t *bytes);

/* How many elements of at least `smallest` bytes each follow: never more than there can be. */
size_t rpc_get_count(struct rpc_reader *r, size_t max, size_t smallest);

cptr_t rpc_get_cap(struct rpc_reader *r, bool optional);

/* Copies into the caller's memory: MSG_TOO_LONG with the room when that is too small. A string needs room for
 * its zero. */
void rpc_copy_string(struct rpc_reader *r, char *to, size_t room, size_t max);
size_t rpc_copy_bytes(struct rpc_reader *r, void *to, size_t room, size_t max);
size_t rpc_copy_count(struct rpc_reader *r, size_t room, size_t max, size_t smallest);

/* Everything was read, and nothing was wrong. */
MUST_USE err_t rpc_reader_end(struct rpc_reader *r);

#endif
