/* SPDX-License-Identifier: MIT */
/* Messages through Handles: they are senders of the endpoint that they descend from. */
#include <mudskipper/rt/thread.h>
#include "../system/peer.h"
#include "../system/suite.h"

#define NUMBER 7u /* of the Service */
#define CLIENT 3u

enum { SERVICE = PEER_A, HANDLE = PEER_B, COPY = PEER_C };

static cptr_t slot(unsigned which)
{
    return peer_slot(0, (enum peer_slot)which);
}

static void make(void (*entry)(void *))
{
    peer_run(0, entry, (void *)0);
    assert_ok(cap_service(slot(PEER_ENDPOINT), NUMBER, slot(SERVICE)));
    assert_ok(cap_handle(slot(SERVICE), CLIENT, slot(HANDLE)));
}

/* The badge that the echo saw; 0: the call failed with `wanted`. */
static uint64_t badge_through(cptr_t handle, enum err_code wanted)
{
    struct rt_message m = {.length = 2, .words = {40, 41}};
    err_t e = rt_call(handle, &m, CPTR_NULL, peer_soon());

    if (wanted != ERR_OK) {
        assert_int_equal(e.code[0], wanted);
        return 0;
    }
    assert_ok(e);
    assert_int_equal(m.words[0], 41);
    assert_int_equal(m.words[1], 42);
    return m.words[SYS_WORDS - 1];
}

static void brings_both_numbers(void)
{
    make(peer_echo);
    assert_int_equal(badge_through(slot(HANDLE), ERR_OK), (uint64_t)NUMBER << 32 | CLIENT);
    assert_ok(cap_handle(slot(SERVICE), CLIENT + 1, slot(COPY)));
    assert_int_equal(badge_through(slot(COPY), ERR_OK), (uint64_t)NUMBER << 32 | (CLIENT + 1));
    assert_int_equal(badge_through(slot(PEER_SENDER), ERR_OK), PEER_BADGE);
    peer_remove(0);
}

static void needs_write(void)
{
    struct rt_message m = {.length = 0};

    make(peer_echo);
    assert_ok(cap_narrow(slot(HANDLE), slot(COPY), CAP_READ | CAP_GRANT));
    assert_error(rt_call(slot(COPY), &m, CPTR_NULL, peer_soon()), CAP_MISSING_RIGHT);
    assert_error(rt_send(slot(COPY), &m), CAP_MISSING_RIGHT);
    assert_error(rt_call(slot(SERVICE), &m, CPTR_NULL, peer_soon()), CAP_WRONG_TYPE);
    peer_remove(0);
}

static void goes_with_service(void)
{
    make(peer_echo);
    assert_ok(cap_copy(slot(HANDLE), slot(COPY)));
    assert_ok(cap_revoke(slot(SERVICE)));
    (void)badge_through(slot(HANDLE), ERR_CAP_EMPTY_SLOT);
    (void)badge_through(slot(COPY), ERR_CAP_EMPTY_SLOT);
    assert_int_equal(badge_through(slot(PEER_SENDER), ERR_OK), PEER_BADGE);
    assert_ok(cap_handle(slot(SERVICE), CLIENT, slot(HANDLE)));
    assert_ok(cap_copy(slot(HANDLE), slot(COPY)));
    assert_ok(cap_revoke(slot(HANDLE)));
    (void)badge_through(slot(COPY), ERR_CAP_EMPTY_SLOT);
    assert_int_equal(badge_through(slot(HANDLE), ERR_OK), (uint64_t)NUMBER << 32 | CLIENT);
    peer_remove(0);
}

static void goes_with_endpoint(void)
{
    make(peer_echo);
    assert_ok(cap_revoke(slot(PEER_ENDPOINT)));
    (void)badge_through(slot(HANDLE), ERR_CAP_EMPTY_SLOT);
    assert_ok(cap_service(slot(PEER_ENDPOINT), NUMBER, slot(SERVICE)));
    assert_ok(cap_handle(slot(SERVICE), CLIENT, slot(HANDLE)));
    assert_int_equal(badge_through(slot(HANDLE), ERR_OK), (uint64_t)NUMBER << 32 | CLIENT);
    assert_ok(cap_delete(slot(PEER_ENDPOINT)));
    (void)badge_through(slot(HANDLE), ERR_CAP_EMPTY_SLOT);
    peer_remove(0);
}

static void server_ends(void)
{
    struct rt_message m = {.length = 0};

    make(peer_take);
    assert_error(rt_call(slot(HANDLE), &m, CPTR_NULL, rt_now() + 20 * 1000 * 1000), TIMEOUT);
    assert_ok(cap_dispatcher_end(slot(PEER_DISPATCHER), 0));
    assert_error(rt_call(slot(HANDLE), &m, CPTR_NULL, peer_soon()), MSG_NO_TARGET);
    peer_remove(0);
}

/* Revoked while the call waits to be received: it is in the server's list, and is answered. */
static void under_way(void)
{
    struct rt_message m = {.length = 1, .words = {1}};

    make(peer_sleep); /* takes no requests */
    assert_ok(rt_send(slot(HANDLE), &m));
    assert_ok(cap_revoke(slot(SERVICE)));
    assert_error(rt_send(slot(HANDLE), &m), CAP_EMPTY_SLOT);
    peer_remove(0);
}

SUITE_MAIN({"MSG-HANDLE-001", "a message through a Handle brings the numbers of its Service and client",
            brings_both_numbers},
           {"MSG-HANDLE-002", "sending needs WRITE, and a Service sends nothing", needs_write},
           {"MSG-HANDLE-003", "with its Service, or revoked itself, a Handle is an empty slot",
            goes_with_service},
           {"MSG-HANDLE-004", "a Handle ends with the endpoint", goes_with_endpoint},
           {"MSG-HANDLE-005", "when nobody receives any more, the Handle says so", server_ends},
           {"MSG-HANDLE-006", "a message under way stays when its Handle goes", under_way})
