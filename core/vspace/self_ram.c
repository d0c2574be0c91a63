/* SPDX-License-Identifier: MIT */
/* Where the process's memory comes from. RAM is asked for in larger pieces than it is used in; what is left
 * of the last one stays here:
 *
 *    asked for   | used | used | used | rest |    rest: a RAM capability of its own, so that what is used can
 * go back alone
 *
 * vspace stands below the RPC library and speaks its wire format by hand (rpc/wire.h); init's build claims
 * that both mean the same. */
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/core_calls.h>
#include "self_internal.h"

#define PIECE_LEAST (64u * 1024u)
#define PIECE_MOST  (1u << 20)

static struct {
    cptr_t ram; /* the rest */
    uint64_t bytes;
    uint64_t taken; /* altogether: who has much asks for much */
} pool;

/* ---- the core server ---- */

enum kind { REQUEST = 1, REPLY = 3, ERROR = 4 };

#define HEADER_WORDS 2u

/* The upper half, as for all calls without a link (rpc/channel.c). */
static uint64_t next_call(void)
{
    static uint32_t calls;

    return 0x80000000u | (++calls & 0x7fffffffu);
}

/* A call whose request is one or two numbers, and whose reply may have a capability. */
static err_t core_call(unsigned method, uint64_t a, uint64_t b, unsigned count, cptr_t slot)
{
    struct rt_message m = {.length = HEADER_WORDS + count};
    err_t e;

    m.words[0] = (uint64_t)REQUEST << 56 | (uint64_t)method << 32 | next_call();
    m.words[1] = count * sizeof(uint64_t);
    m.words[HEADER_WORDS] = a;
    m.words[HEADER_WORDS + 1] = b;
    e = rt_call(SLOT_INIT, &m, slot, NANOS_NEVER);
    if (!err_ok(e)) {
        return err_is(e, ERR_MSG_NO_TARGET) ? err_make(ERR_PEER_GONE, 0) : e;
    }
    if (m.words[0] >> 56 == ERROR && m.length >= HEADER_WORDS + 2) {
        return err_unpack(m.words[HEADER_WORDS], m.words[HEADER_WORDS + 1]);
    }
    return m.words[0] >> 56 == REPLY && m.cap == slot ? OK : err_make(ERR_MSG_MALFORMED, 0);
}

static bool has_core_server(void)
{
    struct cap_identity identity;

    return err_ok(cap_identify(SLOT_INIT, &identity)) &&
           (identity.type == CAP_TYPE_ENDPOINT_LMP || identity.type == CAP_TYPE_HANDLE);
}

/* ---- the first program of a machine ---- */

#define LEFT CPTR(2, 0) /* the largest piece that the kernel left; taken from its end on */

static err_t take_left(uint64_t bytes, cptr_t slot)
{
    static uint64_t used;
    struct cap_identity all;
    err_t e = cap_identify(LEFT, &all);

    if (!err_ok(e) || all.type != CAP_TYPE_RAM || all.bytes - used < bytes) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    e = cap_retype(LEFT, all.bytes - used - bytes, CAP_TYPE_RAM, bytes, 1, slot);
    if (err_ok(e)) {
        used += bytes;
    }
    return e;
}

/* ---- pieces ---- */

static err_t ask(uint64_t bytes, cptr_t slot)
{
    return has_core_server() ? core_call(CORE_CALL_ALLOC, bytes, 0, 1, slot) : take_left(bytes, slot);
}

static void give_back(paddr_t base, uint64_t bytes)
{
    if (has_core_server()) {
        err_t ignored =
            core_call(CORE_CALL_FREE, base, bytes, 2, CPTR_NULL); /* taken back at the end, then */

        (void)ignored;
    }
}

static void drop_rest(void)
{
    struct cap_identity rest;

    if (pool.bytes == 0) {
        return;
    }
    if (err_ok(cap_identify(pool.ram, &rest))) {
        slot_delete(pool.ram);
        give_back(rest.base, rest.bytes);
    }
    pool.bytes = 0;
}

/* What to ask for when `bytes` are needed. */
static uint64_t piece_for(uint64_t bytes)
{
    uint64_t piece = pool.taken / 8 & ~(uint64_t)(PIECE_LEAST - 1);

    piece = piece < PIECE_LEAST ? PIECE_LEAST : piece > PIECE_MOST ? PIECE_MOST : piece;
    return piece > bytes ? piece : bytes;
}

static err_t fill(uint64_t bytes)
{
    uint64_t piece = piece_for(bytes);
    cptr_t slot;
    err_t e = slot_alloc(&slot);

    if (!err_ok(e)) {
        return e;
    }
    e = ask(piece, slot);
    if (!err_ok(e) && piece > bytes) {
        piece = bytes;
        e = ask(piece, slot);
    }
    if (!err_ok(e)) {
        slot_free(slot);
        return e;
    }
    drop_rest();
    pool.ram = slot;
    pool.bytes = piece;
    pool.taken += piece;
    return OK;
}

/* The beginning of the rest, in its own slot. */
static err_t cut(uint64_t bytes, cptr_t *slot)
{
    cptr_t parts;
    err_t e;

    if (bytes == pool.bytes) {
        *slot = pool.ram;
        pool.bytes = 0;
        return OK;
    }
    e = slot_alloc_run(2, &parts);
    if (!err_ok(e)) {
        return e;
    }
    e = cap_retype(pool.ram, 0, CAP_TYPE_RAM, bytes, 1, parts);
    if (err_ok(e)) {
        e = cap_retype(pool.ram, bytes, CAP_TYPE_RAM, pool.bytes - bytes, 1, parts + 1);
    }
    if (!err_ok(e)) {
        slot_delete(parts);
        slot_delete(parts + 1);
        return e;
    }
    slot_delete(pool.ram);
    pool.ram = parts + 1;
    pool.bytes -= bytes;
    *slot = parts;
    return OK;
}

static err_t ram(void *context, uint64_t bytes, cptr_t *slot)
{
    err_t e = pool.bytes < bytes ? fill(bytes) : OK;

    (void)context;
    return err_ok(e) ? cut(bytes, slot) : e;
}

const struct space_ops self_ram_ops = {.ram = ram};

/* ---- frames ---- */

/* The RAM capability is not needed any more: whoever handed it out knows it. */
err_t self_new_frame(uint64_t bytes, cptr_t frame)
{
    cptr_t from;
    err_t e = self_space.ops->ram(self_space.context, bytes, &from);

    if (err_ok(e)) {
        e = cap_retype(from, 0, CAP_TYPE_FRAME, bytes, 1, frame);
        slot_delete(from);
    }
    return e;
}

void self_free_frame(cptr_t frame)
{
    struct cap_identity identity;
    err_t e = cap_identify(frame, &identity);

    slot_delete(frame);
    if (err_ok(e) && self_space.ops == &self_ram_ops) {
        give_back(identity.base, identity.bytes);
    }
}
