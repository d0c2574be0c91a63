/* SPDX-License-Identifier: MIT */
/* What simulation starts beside its servers: exit CODE, sleep, or hog MS, which takes all memory of its core
 * for so long. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include <mudskipper/vspace/heap.h>
#include "core_rpc.h"

#define MS ((nanos_t)1000 * 1000)

static void take_all(struct rpc_channel *core)
{
    for (uint64_t bytes = (uint64_t)1 << 40; bytes >= PAGE_SIZE; bytes /= 2) {
        cptr_t ram;

        while (err_ok(core_alloc(core, bytes, &ram))) {
            slot_delete(ram); /* it stays accounted to us */
        }
    }
}

static void hog(uint64_t milliseconds)
{
    struct rpc_memory memory = rpc_memory_of(process_heap());
    struct rpc_lmp_link link;
    struct rpc_channel core;

    rpc_lmp_link_init(&link, SLOT_INIT, &memory, &rpc_own_slots);
    core = rpc_channel_of(&link.link);
    take_all(&core);
    thread_sleep_until(rt_now() + milliseconds * MS);
}

int main(int argc, char **argv)
{
    uint64_t operand;

    if (argc != 3 || !text_number(text_of(argv[2]), &operand)) {
        return 2;
    }
    if (str_equal(argv[1], "exit")) {
        return (int)operand;
    }
    if (str_equal(argv[1], "hog")) {
        hog(operand);
        return 0;
    }
    thread_sleep_until(NANOS_NEVER);
    return 0;
}
