/* SPDX-License-Identifier: MIT */
/* How a call looks on its way. A message is a header, payload bytes and capabilities, whatever carries it;
 * a transport of small messages cuts it into parts, each of which repeats the header:
 *
 *             63    56 55    48 47            32 31                    0
 *            +--------+--------+----------------+-----------------------+
 *    word 0  | kind   | caps   | method         | call id               |
 *            +--------+--------+----------------+-----------------------+
 *    word 1  | part                             | payload bytes         |
 *            +----------------------------------+-----------------------+
 *    2 .. 7  | 48 bytes of payload, from byte 48 * part on              |
 *            +----------------------------------------------------------+
 *    capability number `part`, if there are so many
 *
 * `caps` and `payload bytes` are those of the whole message. A part has as many words as its payload needs;
 * what is behind the end of the payload in its last word is zero. A conversation, every line of the client
 * being a call of the transport that is answered before the next one is sent, so that nothing is ever queued:
 *
 *    client                        server
 *    REQUEST part 0   ------------>
 *                     <------------ CONTINUE part 1
 *    REQUEST part 1   ------------>              what is sent last is answered when the method is done,
 *                     <------------ REPLY part 0 perhaps much later
 *    FETCH part 1     ------------>
 *                     <------------ REPLY part 1
 *
 * Each request may be answered with ERROR, which ends the call. CANCEL is one-way and forgets a call; nothing
 * happens when there is none of that id. Call ids are the client's; they tell its threads
 * and its connections apart.
 *
 * Pure. Fields are little-endian on every machine we run on; nothing here crosses machines. */
#ifndef MUDSKIPPER_RPC_WIRE_H
#define MUDSKIPPER_RPC_WIRE_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>

#define RPC_PART_WORDS   8u
#define RPC_HEADER_WORDS 2u
#define RPC_PART_BYTES   ((RPC_PART_WORDS - RPC_HEADER_WORDS) * 8u) /* payload of one part */

#define RPC_MESSAGE_MAX 65536u /* payload bytes of a message */
#define RPC_CAPS_MAX    255u   /* capabilities of a message */

enum rpc_kind {
    RPC_REQUEST = 1,  /* client: a part of a request */
    RPC_CONTINUE = 2, /* server: taken; send the part named here */
    RPC_REPLY = 3,    /* server: a part of the results */
    RPC_ERROR = 4,    /* server: the call failed; payload: the err_t, codes first */
    RPC_FETCH = 5,    /* client: send the part of the results named here */
    RPC_CANCEL = 6,   /* client, one-way: I do not wait any more */
};

#define RPC_ERROR_BYTES 16u

/* Methods are numbered from 1 on; this one every service has. */
#define RPC_METHOD_DESCRIBE 0u

struct rpc_header {
    enum rpc_kind kind;
    uint16_t method;
    uint32_t call;
    uint32_t part;
    uint32_t bytes; /* of the whole message */
    unsigned caps;
};

struct rpc_part {
    uint64_t words[RPC_PART_WORDS];
    uint32_t length; /* words that count */
    cptr_t cap;      /* the capability that goes along or has come; CPTR_NULL: none */
    err_t cap_error; /* why none has come; OK: it was revoked, if one is announced */
};

/* Into how many parts a message is cut: at least one. */
uint32_t rpc_parts(uint32_t bytes, unsigned caps);

/* How many payload bytes part `part` of a message of `bytes` has. */
uint32_t rpc_part_bytes(uint32_t bytes, uint32_t part);

/* Makes a part; `payload` is the whole message's. No capability. */
void rpc_part_write(struct rpc_part *part, const struct rpc_header *header, const void *payload);

/* Makes the ERROR that ends the call of `header`. */
void rpc_part_write_error(struct rpc_part *part, const struct rpc_header *header, err_t error);

/* The one check of what arrives: every field and the length, as they stand above. MSG_MALFORMED with the byte
 * that is wrong; MSG_TOO_LONG. Whether the capability is there is for who knows what was asked for. */
MUST_USE err_t rpc_part_read(const struct rpc_part *part, struct rpc_header *header);

/* The payload of a part that was read. */
static inline const void *rpc_part_payload(const struct rpc_part *part)
{
    return &part->words[RPC_HEADER_WORDS];
}

/* Copies it to its place in the message of `header`, whose payload has room for all of it. */
void rpc_part_copy_payload(void *payload, const struct rpc_part *part, const struct rpc_header *header);

/* The error in an ERROR that was read; never success. */
err_t rpc_part_error(const struct rpc_part *part);

#endif
