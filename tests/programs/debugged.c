/* SPDX-License-Identifier: MIT */
/* What tests of tools/gdb look at: a capability and a mapping of which the program itself says what they are,
 * a thread that sleeps with a mutex, one that wants it, and a function to stop in. */
#include <mudskipper/heap/heap.h>
#include <mudskipper/rpc/heap.h>
#include <mudskipper/rpc/lmp.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/out.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include <mudskipper/vspace/heap.h>
#include <mudskipper/vspace/self.h>
#include "core_rpc.h"

#define BYTES (3 * PAGE_SIZE)
#define LATER ((nanos_t)3600 * 1000 * 1000 * 1000)

static struct mutex mutex = MUTEX_INITIAL(mutex);
static struct thread holder;
static struct thread wanter;
static _Alignas(16) unsigned char stacks[2][16384];

static void insist(err_t e)
{
    if (!err_ok(e)) {
        rt_exit(2);
    }
}

static void hold(void *unused)
{
    (void)unused;
    mutex_lock(&mutex);
    thread_sleep_until(rt_now() + LATER);
    mutex_unlock(&mutex);
}

static void want(void *unused)
{
    (void)unused;
    mutex_lock(&mutex);
    mutex_unlock(&mutex);
}

static cptr_t new_frame(void)
{
    static struct rpc_lmp_link link;
    struct rpc_memory memory = rpc_memory_of(process_heap());
    struct rpc_channel core;
    cptr_t ram;
    cptr_t frame;
    cptr_t narrow;

    rpc_lmp_link_init(&link, SLOT_INIT, &memory, &rpc_own_slots);
    core = rpc_channel_of(&link.link);
    insist(core_alloc(&core, BYTES, &ram));
    insist(slot_alloc(&frame));
    insist(cap_retype(ram, 0, CAP_TYPE_FRAME, BYTES, 1, frame));
    insist(slot_alloc(&narrow));
    insist(cap_narrow(frame, narrow, CAP_READ | CAP_IDENTIFY));
    return narrow;
}

__attribute__((noinline)) void stop_here(uint64_t answer)
{
    __asm__ volatile("" ::"r"(answer) : "memory");
}

int main(void)
{
    struct cap_identity is;
    cptr_t frame = new_frame();
    void *at;

    insist(cap_identify(frame, &is));
    insist(self_map(frame, 0, BYTES, CAP_READ, &at));
    thread_start(&holder, "holder", stacks[0], sizeof(stacks[0]), hold, NULL);
    thread_start(&wanter, "wanter", stacks[1], sizeof(stacks[1]), want, NULL);
    thread_yield();
    rt_print("debugged: slot %u.%u base 0x%llx bytes 0x%llx at %p\n", frame >> CPTR_L2_BITS,
             frame % CPTR_L2_SLOTS, (unsigned long long)is.base, (unsigned long long)is.bytes, at);
    stop_here(42);
    return 0;
}
