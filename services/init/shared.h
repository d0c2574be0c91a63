/* SPDX-License-Identifier: MIT */
/* Capabilities on their way to and from other cores. Each has one owner; who else has copies is known there:
 * in the kernel, which refuses to end what is shared (CAP_SHARED), and here, so that it can be asked for.
 *
 *    owner                                    core that gets a copy
 *    shared_send: KERNEL_SHARE, ledger -----> shared_take: KERNEL_ADOPT, ledger
 *    shared_take: KERNEL_FIND <-------------- shared_send, when it comes home
 *    shared_withdraw -- peer.revoke --------> shared_revoke: KERNEL_REVOKE_FOREIGN
 *        KERNEL_UNSHARE <-- answer ----------
 *
 * A copy that was never revoked stays in the ledgers as long as the object lives. Any thread; a lock of its
 * own, below init's. */
#ifndef INIT_SHARED_H
#define INIT_SHARED_H

#include <mudskipper/mm/mm.h>
#include <mudskipper/rt/cap.h>

void shared_init(void);

/* A capability on its way. Its owner numbers what it shares, so that a copy that was on its way while it was
 * asked back is known, and refused where it comes to. */
struct shared_cap {
    struct cap_across what;
    uint64_t number;
};

/* What `cap` is for core `to`, which counts as a sharer from here on. Does not block. CAP_FOREIGN: it belongs
 * to a third core, which has not been asked (shared_prepare); MSG_CAP_GONE: it was taken back meanwhile;
 * CAP_MAY_NOT_CROSS, CAP_MISSING_RIGHT. */
MUST_USE err_t shared_send(cptr_t cap, coreid_t to, struct shared_cap *sent);

/* A capability of a third core: asks its owner to let `to` have it, too. Before it is sent, without any lock;
 * blocks. Nothing to do for all others. MSG_CAP_GONE: it was taken back meanwhile, or its owner is silent. */
MUST_USE err_t shared_prepare(cptr_t cap, coreid_t to);

/* What came from another core, into an empty slot. MSG_CAP_GONE: it was taken back on its way. */
MUST_USE err_t shared_take(const struct shared_cap *sent, cptr_t slot);

/* ---- handlers of peer.rpc */

/* What is ours goes to one more core. NOT_FOUND. */
MUST_USE err_t shared_to_third(const struct cap_across *what, coreid_t to, uint64_t *number);

/* The owner takes back all that it has shared up to this number: nothing of it is on this core any more. */
MUST_USE err_t shared_revoke(const struct cap_across *what, uint64_t upto);

/* ---- endings */

/* This core gives back what it has of another's capability, all copies of it: its owner still counts it as a
 * sharer, and learns it when it asks. */
MUST_USE err_t shared_drop(cptr_t cap);

/* Whether other cores may have copies of what lies in memory of this client. */
bool shared_any(mm_client_t client);

/* Asks them for it; blocks, without any lock. Afterwards what they answered for may be revoked here. A
 * shortage, of this core or another: to be asked again. CAP_SHARED: some core has not answered. */
MUST_USE err_t shared_withdraw(mm_client_t client);

/* Likewise of what lies in a range, whoever's it is. */
bool shared_any_in(paddr_t base, uint64_t bytes);
MUST_USE err_t shared_withdraw_range(paddr_t base, uint64_t bytes);

/* Of all Handles of a Service. */
MUST_USE err_t shared_withdraw_service(cptr_t service);

/* And of one capability. */
MUST_USE err_t shared_withdraw_one(cptr_t cap);

#endif
