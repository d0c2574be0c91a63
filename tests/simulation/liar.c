/* SPDX-License-Identifier: MIT */
/* A client that keeps no rule: sim-liar NAME SEED connects to a service and writes what it likes into the
 * rings, wakes the server for nothing, sends parts that mean nothing, takes its memory away, calls in
 * between, and leaves without a word. It ends with 0 whatever came of that: what counts is how the server is.
 */
#include <mudskipper/ns/bind.h>
#include <mudskipper/ns/host.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include "../conformance/system/random.h"
#include "trial_rpc.h"

#define ACTS       60u
#define RING_BYTES (2u * PAGE_SIZE) /* of both rings, at least */
#define SECOND     ((nanos_t)1000 * 1000 * 1000)

static struct service_host host;
static struct name_binding binding;
static struct random chance;

/* Who finds the rings gone reads zeros, and *gone; the service may have ended as well. */
static unsigned char *rings(void)
{
    return binding.connection.ump.rings;
}

/* Anything, or what is there with one bit changed. */
static void scribble(void)
{
    uint64_t *word = (uint64_t *)(void *)(rings() + random_below(&chance, RING_BYTES / 8) * 8);

    *word = random_below(&chance, 2) == 0 ? random_below(&chance, UINT64_MAX)
                                          : *word ^ (uint64_t)1 << random_below(&chance, 64);
}

/* The words in front of the lines, where the other side looks first. */
static void scribble_head(void)
{
    uint64_t *head = (uint64_t *)(void *)binding.connection.ump.end.out.ring;

    head[random_below(&chance, 16)] = random_below(&chance, 3) == 0 ? UINT64_MAX : random_below(&chance, 200);
}

static void wake(void)
{
    err_t e = cap_notify_signal(binding.connection.ump.wake);

    (void)e;
}

static void send_nonsense(void)
{
    struct rt_message m = {.length = random_below(&chance, SYS_WORDS + 1),
                           .cap = random_below(&chance, 3) == 0 ? binding.found.handle : CPTR_NULL};
    err_t e;

    for (unsigned i = 0; i < SYS_WORDS; i++) {
        m.words[i] =
            random_below(&chance, 2) == 0 ? random_below(&chance, UINT64_MAX) : random_below(&chance, 16);
    }
    e = rt_send(binding.found.handle, &m);
    (void)e;
}

static void call(void)
{
    struct rpc_channel all = name_binding_channel(&binding);
    struct rpc_channel soon = rpc_until(&all, rt_now() + SECOND);
    uint64_t sum;
    err_t e = trial_add(&soon, 1, 2, &sum);

    (void)e;
}

/* The rings are made of memory of ours. */
static void take_away(void)
{
    err_t e = random_below(&chance, 8) == 0 ? cap_revoke(binding.connection.ump.frame) : OK;

    (void)e;
}

static void (*const acts[])(void) = {scribble, scribble,      scribble_head, wake,
                                     wake,     send_nonsense, call,          take_away};

int main(int argc, char **argv)
{
    uint64_t seed;
    err_t e = host_init(&host);

    if (argc != 3 || !text_number(text_of(argv[2]), &seed)) {
        return 2;
    }
    random_seed(&chance, seed);
    if (err_ok(e)) {
        e = name_lookup(&host.names, argv[1], &binding.found);
    }
    if (err_ok(e)) {
        e = rpc_connect_by_ump(&binding.connection, binding.found.handle, &host.memory, &rpc_own_slots);
    }
    for (unsigned i = 0; i < ACTS && err_ok(e); i++) {
        acts[random_below(&chance, ARRAY_LENGTH(acts))]();
    }
    return 0;
}
