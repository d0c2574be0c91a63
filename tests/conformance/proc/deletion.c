/* SPDX-License-Identifier: MIT */
/* What a dispatcher stands on is deleted, by others and by itself, in every order. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/thread.h>
#include "../system/peer.h"
#include "../system/suite.h"

enum { A, B, C };

static volatile uint64_t counts[PEERS];

static cptr_t dispatcher(unsigned peer)
{
    return peer_slot(peer, PEER_DISPATCHER);
}

/* ---- deletions in every order
 * ----------------------------------------------------------------------------------- */

/* What A stands on. */
static const enum peer_slot parts[] = {PEER_DISPATCHER, PEER_ENDPOINT, PEER_USER_PART, PEER_SPACE,
                                       PEER_CNODE};

#define ORDERS 120u /* of five parts */

/* Permutation number `order` of the parts. */
static void arrange(unsigned order, enum peer_slot out[ARRAY_LENGTH(parts)])
{
    unsigned left = ARRAY_LENGTH(parts);

    mem_copy(out, parts, sizeof(parts));
    for (unsigned i = 0; left > 1; i++, left--) {
        unsigned pick = i + order % left;
        enum peer_slot t = out[i];

        order /= left;
        out[i] = out[pick];
        out[pick] = t;
    }
}

/* A in a capability space of its own, which is empty. */
static void make_in_own_space(unsigned peer)
{
    peer_make_objects(peer);
    peer_setup(peer, peer_slot(peer, PEER_SPACE));
    assert_ok(cap_copy_to(peer_slot(peer, PEER_CNODE), peer_slot(peer, PEER_SPACE), CAP_PLACE_CNODE(0)));
}

static void delete_part(unsigned peer, enum peer_slot part)
{
    cptr_t slot = peer_slot(peer, part);

    assert_ok(cap_revoke(slot));
    assert_ok(cap_delete(slot));
}

static void take_apart(unsigned order, void (*entry)(void *))
{
    enum peer_slot parts_in_order[ARRAY_LENGTH(parts)];
    struct rt_message m = {.length = 1, .cap = SLOT_LOG};

    arrange(order, parts_in_order);
    make_in_own_space(A);
    counts[A] = 0;
    peer_start(A, entry, (void *)&counts[A], PEER_PRIORITY);
    rt_yield();
    err_t sent = rt_send(peer_slot(A, PEER_SENDER), &m);
    assert_true(err_ok(sent) || err_is(sent, ERR_MSG_NO_TARGET));
    for (unsigned i = 0; i < ARRAY_LENGTH(parts); i++) {
        delete_part(A, parts_in_order[i]);
        rt_yield();
    }
    peer_remove(A);
}

static void deleted_in_every_order(void)
{
    for (unsigned order = 0; order < ORDERS; order++) {
        take_apart(order, order % 2 != 0 ? peer_compute : peer_sleep);
    }
}

/* A, in the shared space, deletes what it stands on; what comes first is its argument. */
static void delete_myself(void *order)
{
    enum peer_slot parts_in_order[ARRAY_LENGTH(parts)];

    arrange((unsigned)(uintptr_t)order, parts_in_order);
    for (unsigned i = 0; i < ARRAY_LENGTH(parts); i++) {
        for (unsigned operation = CNODE_REVOKE + 1; operation-- > CNODE_DELETE;) {
            uint64_t args[SYS_ARGS] = {[0] = SYS_TARGET(SLOT_ROOT, operation),
                                       [1] = CAP_PLACE_SLOT(peer_slot(A, parts_in_order[i]))};

            (void)peer_call(args, SYS_INVOKE);
        }
        counts[A]++;
    }
    peer_sleep(NULL);
}

static void deletes_itself_in_every_order(void)
{
    for (unsigned order = 0; order < ORDERS; order++) {
        struct cap_identity i;

        counts[A] = 0;
        peer_make(A);
        peer_start(A, delete_myself, (void *)(uintptr_t)order, PEER_PRIORITY);
        for (unsigned turn = 0; turn < 1000 && err_ok(cap_identify(dispatcher(A), &i)); turn++) {
            rt_yield();
        }
        assert_error(cap_identify(dispatcher(A), &i), CAP_EMPTY_SLOT);
        peer_remove(A);
    }
}

/* ---- the own root in the middle of a revoke
 * -------------------------------------------------------------------------- */

/* The space of A lies in the memory that A revokes, and so do many other things: the operation is long and
 * its target cannot be found any more when it goes on. */
static void revoke_my_root(void *unused)
{
    uint64_t args[SYS_ARGS] = {
        [0] = SYS_TARGET(SLOT_ROOT, CNODE_REVOKE), [1] = CAP_PLACE_SLOT(peer_slot(B, PEER_SPARE))};

    (void)unused;
    counts[B] = 100 + peer_call(args, SYS_INVOKE);
    peer_sleep(NULL);
}

static void root_goes_while_revoking(void)
{
    cptr_t space = peer_slot(B, PEER_A);
    cptr_t cnode = peer_slot(B, PEER_B);

    peer_make_objects(A);
    peer_make_objects(B);
    counts[B] = 0;
    assert_ok(cap_retype(peer_slot(B, PEER_SPARE), 0, CAP_TYPE_L1_CNODE, PAGE_SIZE, 1, space));
    assert_ok(cap_retype(peer_slot(B, PEER_SPARE), PAGE_SIZE, CAP_TYPE_L2_CNODE, CAP_L2_BYTES, 1, cnode));
    assert_ok(cap_copy_to(cnode, space, CAP_PLACE_CNODE(0)));
    assert_ok(cap_copy_to(space, space, CAP_PLACE_SLOT(SLOT_ROOT)));
    assert_ok(cap_copy_to(peer_slot(B, PEER_SPARE), space, CAP_PLACE_SLOT(peer_slot(B, PEER_SPARE))));
    assert_ok(cap_retype_to(peer_slot(B, PEER_SPARE), PAGE_SIZE + CAP_L2_BYTES, CAP_TYPE_RAM, PAGE_SIZE, 64,
                            space, CAP_PLACE_SLOT(CPTR(0, 192 - 64))));
    peer_setup(A, space);
    peer_start(A, revoke_my_root, NULL, PEER_PRIORITY);
    peer_await(&counts[B], 100);
    assert_true(counts[B] == 100 + ERR_CAP_ROOT_NOT_CNODE || counts[B] == 100);
    peer_remove(A);
    peer_remove(B);
}

SUITE_MAIN({"DISP-DELETE-001", "what a dispatcher stands on can be deleted in every order",
            deleted_in_every_order},
           {"DISP-DELETE-002", "a dispatcher can delete what it stands on in every order",
            deletes_itself_in_every_order},
           {"DISP-DELETE-003", "a revoke that ends the invoker's own capability space comes to an end",
            root_goes_while_revoking})
