/* SPDX-License-Identifier: MIT */
#include "shared.h"
#include <mudskipper/heap/heap.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/rt/thread.h>
#include "check.h"
#include "ledger.h"
#include "memory.h"
#include "peer_rpc.h"
#include "peers.h"

static struct mutex mutex = MUTEX_INITIAL(mutex);
static struct tree own;     /* this core's, that others have copies of */
static struct tree foreign; /* of others */
static struct revoked revoked;
static uint64_t last_number; /* of what was shared */

void shared_init(void)
{
    ledger_init(&own);
    ledger_init(&foreign);
}

static uint64_t bit(coreid_t core)
{
    return (uint64_t)1 << core;
}

/* ---- the ledgers; the lock is held ---- */

/* The entry of what is in `slot`, made if there is none. */
static err_t note(struct tree *ledger, const struct cap_across *what, cptr_t slot,
                  struct ledger_entry **entry)
{
    struct ledger_entry *e = ledger_find(ledger, what);
    err_t error;

    if (e != NULL) {
        *entry = e;
        return OK;
    }
    e = heap_calloc(memory_heap(), 1, sizeof(*e));
    if (e == NULL) {
        return err_make(ERR_NO_MEMORY, sizeof(*e));
    }
    e->what = *what;
    error = slot_alloc(&e->copy);
    if (err_ok(error)) {
        error = cap_copy(slot, e->copy);
        if (!err_ok(error)) {
            slot_free(e->copy);
        }
    }
    if (!err_ok(error)) {
        heap_free(memory_heap(), e);
        return error;
    }
    ledger_add(ledger, e);
    *entry = e;
    return OK;
}

static void drop(struct tree *ledger, struct ledger_entry *e)
{
    ledger_remove(ledger, e);
    slot_delete(e->copy);
    heap_free(memory_heap(), e);
}

/* What a core server was given and is not there any more, or not on the other core, was taken back on its
 * way. It is not for the server, or its core, to be said gone, which is how PEER_GONE is understood. */
static err_t taken_back(void)
{
    return err_make(ERR_MSG_CAP_GONE, 0);
}

/* ---- sending ---- */

static uint64_t count_share(struct ledger_entry *entry, coreid_t to)
{
    entry->cores |= bit(to);
    entry->again |= bit(to);
    last_number++;
    if (entry->number == 0) {
        entry->number = last_number;
    }
    return last_number;
}

static err_t send_own(cptr_t cap, coreid_t to, struct shared_cap *sent)
{
    struct ledger_entry *entry;
    err_t e = cap_share(cap, to, &sent->what);

    if (!err_ok(e)) {
        return e;
    }
    e = note(&own, &sent->what, cap, &entry);
    if (err_ok(e)) {
        sent->number = count_share(entry, to);
    } else {
        err_t ignored = cap_unshare(cap, to); /* it goes nowhere */

        (void)ignored;
    }
    return e;
}

static err_t send_foreign(const struct cap_identity *identity, coreid_t to, struct shared_cap *sent)
{
    const struct ledger_entry *e = ledger_find_identity(&foreign, identity);

    if (e == NULL || (identity->owner != to && !(e->cores & bit(to)))) {
        return err_make(ERR_CAP_FOREIGN, identity->owner);
    }
    sent->what = ledger_with_rights(&e->what, identity->rights);
    sent->number = e->number;
    return OK;
}

/* What its owner asks back ends under the lock, with its entry: a capability that is there has one. */
err_t shared_send(cptr_t cap, coreid_t to, struct shared_cap *sent)
{
    struct cap_identity identity;
    err_t e;

    mutex_lock(&mutex);
    e = cap_identify(cap, &identity);
    if (err_ok(e)) {
        e = identity.owner == rt_self()->core ? send_own(cap, to, sent) : send_foreign(&identity, to, sent);
    }
    mutex_unlock(&mutex);
    return err_is(e, ERR_CAP_EMPTY_SLOT) ? taken_back() : e;
}

/* ---- third cores ---- */

/* Its owner, and what it is there; owner == this core: nobody has to be asked. */
static err_t find_foreign(cptr_t cap, coreid_t to, struct cap_across *what, coreid_t *owner)
{
    const struct ledger_entry *entry;
    struct cap_identity identity;
    err_t e;

    *owner = rt_self()->core;
    mutex_lock(&mutex);
    e = cap_identify(cap, &identity);
    if (err_ok(e) && identity.owner != *owner && identity.owner != to) {
        entry = ledger_find_identity(&foreign, &identity);
        if (entry == NULL) {
            e = err_make(ERR_CAP_FOREIGN, identity.owner);
        } else if (!(entry->cores & bit(to))) {
            *owner = (coreid_t)identity.owner;
            *what = ledger_with_rights(&entry->what, identity.rights);
        }
    }
    mutex_unlock(&mutex);
    return e;
}

/* False: it was taken back meanwhile. */
static bool note_third(const struct cap_across *what, coreid_t to, uint64_t number)
{
    struct ledger_entry *entry;

    mutex_lock(&mutex);
    entry = ledger_find(&foreign, what);
    if (entry != NULL) {
        entry->cores |= bit(to);
        entry->number = number > entry->number ? number : entry->number;
    }
    mutex_unlock(&mutex);
    return entry != NULL;
}

static err_t ask_owner(coreid_t owner, const struct cap_across *what, coreid_t to)
{
    struct rpc_channel channel;
    uint64_t number;
    err_t e = peers_channel(owner, &channel);

    if (err_ok(e)) {
        e = peer_share(&channel, what->words, CAP_ACROSS_WORDS, to, &number);
    }
    return !err_ok(e) || note_third(what, to, number) ? e : taken_back();
}

err_t shared_prepare(cptr_t cap, coreid_t to)
{
    struct cap_across what;
    coreid_t owner;
    bool gone;
    err_t e = find_foreign(cap, to, &what, &owner);

    if (err_ok(e) && owner != rt_self()->core) {
        e = ask_owner(owner, &what, to);
    }
    gone = err_is(e, ERR_CAP_EMPTY_SLOT) || err_is(e, ERR_NOT_FOUND) || err_is(e, ERR_PEER_GONE);
    return gone ? taken_back() : e;
}

err_t shared_to_third(const struct cap_across *what, coreid_t to, uint64_t *number)
{
    struct ledger_entry *entry;
    struct cap_across shared;
    err_t e = err_make(ERR_NOT_FOUND, 0);

    mutex_lock(&mutex);
    entry = ledger_find(&own, what);
    if (entry != NULL) {
        e = cap_share(entry->copy, to, &shared);
        if (err_ok(e)) {
            *number = count_share(entry, to);
        }
    }
    mutex_unlock(&mutex);
    return e;
}

/* ---- taking ---- */

/* The lock is held. What is at home under this identity now may not be what left. */
static err_t take_own(const struct shared_cap *sent, cptr_t slot)
{
    const struct ledger_entry *entry = ledger_find(&own, &sent->what);

    if (entry == NULL || sent->number < entry->number) {
        return taken_back();
    }
    return cap_find(&sent->what, slot);
}

/* The lock is held. */
static err_t take_foreign(const struct shared_cap *sent, cptr_t slot)
{
    struct ledger_entry *entry;
    err_t e;

    if (revoked_has(&revoked, &sent->what, sent->number)) {
        return taken_back();
    }
    e = cap_adopt(&sent->what, slot);
    if (!err_ok(e)) {
        return e;
    }
    e = note(&foreign, &sent->what, slot, &entry);
    if (err_ok(e)) {
        entry->number = sent->number > entry->number ? sent->number : entry->number;
    } else {
        err_t ignored = cap_delete(slot); /* its owner believes we have it, which does no harm */

        (void)ignored;
    }
    return e;
}

err_t shared_take(const struct shared_cap *sent, cptr_t slot)
{
    err_t e;

    mutex_lock(&mutex);
    e = ledger_owner(&sent->what) == rt_self()->core ? take_own(sent, slot) : take_foreign(sent, slot);
    mutex_unlock(&mutex);
    return e;
}

err_t shared_revoke(const struct cap_across *what, uint64_t upto)
{
    struct ledger_entry *entry;
    err_t e = OK;

    mutex_lock(&mutex);
    revoked_add(&revoked, what, upto);
    entry = ledger_find(&foreign, what);
    if (entry != NULL) {
        e = cap_revoke_foreign(entry->copy);
        if (err_ok(e)) {
            drop(&foreign, entry);
        }
    }
    mutex_unlock(&mutex);
    return e;
}

/* ---- endings ---- */

err_t shared_drop(cptr_t cap)
{
    struct cap_identity identity;
    struct ledger_entry *entry = NULL;
    err_t e;

    mutex_lock(&mutex);
    e = cap_identify(cap, &identity);
    if (err_ok(e)) {
        entry = ledger_find_identity(&foreign, &identity);
    }
    if (entry != NULL) {
        e = cap_revoke_foreign(entry->copy);
        if (err_ok(e)) {
            drop(&foreign, entry);
        }
    }
    mutex_unlock(&mutex);
    return e;
}

/* The lock is held. */
static struct ledger_entry *first_of(mm_client_t client)
{
    struct ledger_entry *e = ledger_first(&own);
    mm_client_t of;

    while (e != NULL && !(memory_client_of(ledger_base(&e->what), &of) && of == client)) {
        e = ledger_next(e);
    }
    return e;
}

bool shared_any(mm_client_t client)
{
    bool any;

    mutex_lock(&mutex);
    any = first_of(client) != NULL;
    mutex_unlock(&mutex);
    return any;
}

/* Without the lock: one core after the other; cores that have answered go out of *cores. A shortage: here, or
 * at one of them, there was no memory to ask or to answer. */
static err_t ask_back(const struct cap_across *what, uint64_t upto, uint64_t *cores)
{
    err_t shortage = OK;

    for (coreid_t core = 0; core < CAP_NOTIFY_CORES; core++) {
        struct rpc_channel channel;
        err_t e;

        if (!(*cores & bit(core))) {
            continue;
        }
        e = peers_channel(core, &channel);
        if (err_ok(e)) {
            e = peer_revoke(&channel, what->words, CAP_ACROSS_WORDS, upto);
        }
        if (err_ok(e)) {
            *cores &= ~bit(core);
        } else if (err_is_shortage(e)) {
            shortage = e;
        }
    }
    return shortage;
}

/* Cores that have answered and were not given it anew hold nothing. The entry goes with the last. */
static err_t settle(const struct cap_across *what, uint64_t answered)
{
    struct ledger_entry *entry = ledger_find(&own, what); /* another thread may have been quicker */
    err_t e = OK;

    if (entry == NULL) {
        return OK;
    }
    entry->askers -= entry->askers > 0; /* it may be another entry by now */
    answered &= entry->cores & ~entry->again;
    for (coreid_t core = 0; core < CAP_NOTIFY_CORES && err_ok(e); core++) {
        if (answered & bit(core)) {
            e = cap_unshare(entry->copy, core);
            entry->cores &= err_ok(e) ? ~bit(core) : ~(uint64_t)0;
        }
    }
    if (entry->cores == 0) {
        drop(&own, entry);
    }
    return e;
}

/* The lock is held, and given up meanwhile. A shortage: it may be asked back again. CAP_SHARED: some have not
 * answered. */
static err_t withdraw(struct ledger_entry *entry)
{
    struct cap_across what = entry->what;
    uint64_t asked = entry->cores;
    uint64_t left = asked;
    uint64_t upto = last_number;
    err_t shortage;
    err_t e;

    /* Another thread that asks meanwhile must see what was shared since it began. */
    if (entry->askers++ == 0) {
        entry->again = 0;
    }
    mutex_unlock(&mutex);
    shortage = ask_back(&what, upto, &left);
    mutex_lock(&mutex);
    e = settle(&what, asked & ~left);
    if (!err_ok(e) || left == 0) {
        return e;
    }
    return err_ok(shortage) ? err_make(ERR_CAP_SHARED, ledger_base(&what)) : shortage;
}

/* The lock is held. */
static struct ledger_entry *first_in(paddr_t base, uint64_t bytes)
{
    struct ledger_entry *e = ledger_first(&own);

    while (e != NULL && ledger_base(&e->what) < base) {
        e = ledger_next(e);
    }
    return e != NULL && ledger_base(&e->what) - base < bytes ? e : NULL;
}

bool shared_any_in(paddr_t base, uint64_t bytes)
{
    bool any;

    mutex_lock(&mutex);
    any = first_in(base, bytes) != NULL;
    mutex_unlock(&mutex);
    return any;
}

err_t shared_withdraw_range(paddr_t base, uint64_t bytes)
{
    struct ledger_entry *entry;
    err_t e = OK;

    mutex_lock(&mutex);
    while (err_ok(e) && (entry = first_in(base, bytes)) != NULL) {
        e = withdraw(entry);
    }
    mutex_unlock(&mutex);
    return e;
}

/* The lock is held. The first Handle of this Service. Of Services that had the same number one after the
 * other the Handles count alike. */
static struct ledger_entry *first_handle(const struct cap_identity *service)
{
    struct cap_identity handle;

    for (struct ledger_entry *e = ledger_first(&own); e != NULL; e = ledger_next(e)) {
        if (err_ok(cap_identify(e->copy, &handle)) && handle.type == CAP_TYPE_HANDLE &&
            handle.base == service->base && handle.words[0] == service->words[0]) {
            return e;
        }
    }
    return NULL;
}

static err_t withdraw_handles(const struct cap_identity *service)
{
    struct ledger_entry *entry;
    err_t e = OK;

    mutex_lock(&mutex);
    while (err_ok(e) && (entry = first_handle(service)) != NULL) {
        e = withdraw(entry);
    }
    mutex_unlock(&mutex);
    return e;
}

err_t shared_withdraw_service(cptr_t service)
{
    struct cap_identity identity;
    err_t e = cap_identify(service, &identity);

    if (err_ok(e) && identity.type != CAP_TYPE_SERVICE) {
        e = err_make(ERR_CAP_WRONG_TYPE, service);
    }
    return err_ok(e) ? withdraw_handles(&identity) : e;
}

err_t shared_withdraw(mm_client_t client)
{
    struct ledger_entry *entry;
    err_t e = OK;

    mutex_lock(&mutex);
    while (err_ok(e) && (entry = first_of(client)) != NULL) {
        e = withdraw(entry);
    }
    mutex_unlock(&mutex);
    return e;
}

err_t shared_withdraw_one(cptr_t cap)
{
    struct cap_identity identity;
    struct ledger_entry *entry;
    err_t e = cap_identify(cap, &identity);

    if (!err_ok(e)) {
        return e;
    }
    mutex_lock(&mutex);
    entry = ledger_find_identity(&own, &identity);
    if (entry != NULL) {
        e = withdraw(entry);
    }
    mutex_unlock(&mutex);
    return e;
}

static void check_ledger(struct walker *books, const struct tree *ledger, bool ours)
{
    for (const struct ledger_entry *e = ledger_first(ledger); e != NULL; e = ledger_next(e)) {
        books_expect(books, (ledger_owner(&e->what) == rt_self()->core) == ours,
                     "a capability is in the wrong ledger", ledger_base(&e->what));
        books_expect(books, !(ours && e->cores & bit(rt_self()->core)), "this core shares with itself",
                     ledger_base(&e->what));
        books_expect(books, (e->again & ~e->cores) == 0, "a core that has no copy has one more",
                     ledger_base(&e->what));
        books_expect(books, e->number <= last_number || !ours, "a number that was never given",
                     ledger_base(&e->what));
    }
    books_expect(books, ledger_check(ledger), "a ledger is out of order", ours);
}

void shared_check(struct walker *books)
{
    mutex_lock(&mutex);
    check_ledger(books, &own, true);
    check_ledger(books, &foreign, false);
    mutex_unlock(&mutex);
}
