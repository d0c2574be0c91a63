/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/wire.h>
#include <mudskipper/pure/bytes.h>

enum byte_of_field { AT_CALL = 0, AT_METHOD = 4, AT_CAPS = 6, AT_KIND = 7, AT_BYTES = 8, AT_PART = 12 };

#define MESSAGE_PARTS_MAX ((RPC_MESSAGE_MAX + RPC_PART_BYTES - 1) / RPC_PART_BYTES)

CLAIM(a_part_without_a_capability_has_payload, MESSAGE_PARTS_MAX >= RPC_CAPS_MAX);

uint32_t rpc_parts(uint32_t bytes, unsigned caps)
{
    uint32_t parts = (bytes + RPC_PART_BYTES - 1) / RPC_PART_BYTES;

    parts = parts > caps ? parts : caps;
    return parts > 0 ? parts : 1;
}

uint32_t rpc_part_bytes(uint32_t bytes, uint32_t part)
{
    uint64_t start = (uint64_t)part * RPC_PART_BYTES;
    uint64_t left = start < bytes ? bytes - start : 0;

    return left < RPC_PART_BYTES ? (uint32_t)left : RPC_PART_BYTES;
}

static uint32_t words_for(uint32_t payload_bytes)
{
    return RPC_HEADER_WORDS + (payload_bytes + 7) / 8;
}

/* Up to a part's payload, by words: most messages are that short, and copied a few times. */
static void copy_words(void *to, const void *from, uint32_t bytes)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    for (; bytes >= 8; bytes -= 8, t += 8, f += 8) {
        mem_copy(t, f, 8);
    }
    for (; bytes > 0; bytes--) {
        *t++ = *f++;
    }
}

void rpc_part_copy_payload(void *payload, const struct rpc_part *part, const struct rpc_header *header)
{
    copy_words((uint8_t *)payload + (size_t)header->part * RPC_PART_BYTES, rpc_part_payload(part),
               rpc_part_bytes(header->bytes, header->part));
}

void rpc_part_write(struct rpc_part *part, const struct rpc_header *header, const void *payload)
{
    uint32_t bytes = rpc_part_bytes(header->bytes, header->part);

    part->length = words_for(bytes);
    part->cap = CPTR_NULL;
    part->cap_error = OK;
    part->words[0] = (uint64_t)header->kind << 56 | (uint64_t)header->caps << 48 |
                     (uint64_t)header->method << 32 | header->call;
    part->words[1] = (uint64_t)header->part << 32 | header->bytes;
    if (bytes > 0) {
        part->words[part->length - 1] = 0;
        copy_words(&part->words[RPC_HEADER_WORDS],
                   (const uint8_t *)payload + (size_t)header->part * RPC_PART_BYTES, bytes);
    }
}

void rpc_part_write_error(struct rpc_part *part, const struct rpc_header *header, err_t error)
{
    uint64_t payload[RPC_ERROR_BYTES / 8] = {err_pack(error), error.detail};
    struct rpc_header h = {
        .kind = RPC_ERROR, .method = header->method, .call = header->call, .bytes = RPC_ERROR_BYTES};

    rpc_part_write(part, &h, payload);
}

static err_t malformed(unsigned at)
{
    return err_make(ERR_MSG_MALFORMED, at);
}

/* Whether a kind may say this much. */
static err_t check_fields(const struct rpc_header *h)
{
    switch (h->kind) {
    case RPC_REQUEST:
    case RPC_REPLY:
        if (h->bytes > RPC_MESSAGE_MAX) {
            return err_make(ERR_MSG_TOO_LONG, RPC_MESSAGE_MAX);
        }
        return h->part < rpc_parts(h->bytes, h->caps) ? OK : malformed(AT_PART);
    case RPC_ERROR:
        if (h->bytes != RPC_ERROR_BYTES || h->caps != 0) {
            return malformed(h->caps != 0 ? AT_CAPS : AT_BYTES);
        }
        return h->part == 0 ? OK : malformed(AT_PART);
    case RPC_CONTINUE:
    case RPC_FETCH:
    case RPC_CANCEL:
        if (h->bytes != 0 || h->caps != 0) {
            return malformed(h->caps != 0 ? AT_CAPS : AT_BYTES);
        }
        return h->part == 0 || h->kind != RPC_CANCEL ? OK : malformed(AT_PART);
    default:
        return malformed(AT_KIND);
    }
}

/* Nobody learns from a message what he was not told. */
static err_t check_padding(const struct rpc_part *part, uint32_t payload_bytes)
{
    const uint8_t *bytes = (const uint8_t *)part->words;

    for (uint32_t i = RPC_HEADER_WORDS * 8 + payload_bytes; i < part->length * 8; i++) {
        if (bytes[i] != 0) {
            return malformed(i);
        }
    }
    return OK;
}

err_t rpc_part_read(const struct rpc_part *part, struct rpc_header *header)
{
    struct rpc_header h;
    uint32_t bytes;
    err_t e;

    if (part->length < RPC_HEADER_WORDS || part->length > RPC_PART_WORDS) {
        return malformed(part->length < RPC_HEADER_WORDS ? part->length * 8 : RPC_PART_WORDS * 8);
    }
    h = (struct rpc_header){.kind = (enum rpc_kind)(part->words[0] >> 56),
                            .caps = (uint8_t)(part->words[0] >> 48),
                            .method = (uint16_t)(part->words[0] >> 32),
                            .call = (uint32_t)part->words[0],
                            .part = (uint32_t)(part->words[1] >> 32),
                            .bytes = (uint32_t)part->words[1]};
    e = check_fields(&h);
    if (!err_ok(e)) {
        return e;
    }
    bytes = rpc_part_bytes(h.bytes, h.part);
    if (part->length != words_for(bytes)) {
        return malformed(part->length * 8);
    }
    e = check_padding(part, bytes);
    if (err_ok(e)) {
        *header = h;
    }
    return e;
}

err_t rpc_part_error(const struct rpc_part *part)
{
    err_t e = err_unpack(part->words[RPC_HEADER_WORDS], part->words[RPC_HEADER_WORDS + 1]);

    return err_ok(e) ? malformed(RPC_HEADER_WORDS * 8) : e;
}
