/* SPDX-License-Identifier: MIT */
#include "helper.h"
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/process.h>
#include <mudskipper/rt/slot.h>
#include <mudskipper/vspace/self.h>
#include "../vspace/source.h"

#define RAM CPTR(2, 0)

static char *pages;
static uint32_t count;
static struct notification woken; /* by any core */

static cptr_t adopted; /* what came from another core */
static cptr_t own;     /* a Frame of one page, to be shared */

static void insist(err_t e)
{
    if (!err_ok(e)) {
        rt_log("# core %u: %u (0x%lx)\n", rt_self()->core, e.code[0], e.detail);
        rt_exit(1);
    }
}

static void listen_to(coreid_t core)
{
    cptr_t notify;

    insist(slot_alloc(&notify));
    insist(cap_notify_make(core, notify));
    insist(cap_notify_bind(notify, SLOT_DISPATCHER, woken.bit));
}

static void make_own(void)
{
    cptr_t ram;

    insist(source_ram(PAGE_SIZE, &ram));
    insist(slot_alloc(&own));
    insist(cap_retype(ram, 0, CAP_TYPE_FRAME, PAGE_SIZE, 1, own));
    insist(slot_alloc(&adopted));
}

void cores_begin(void)
{
    struct cap_identity peers;
    void *at;

    insist(source_init());
    insist(cap_identify(SLOT_PEERS, &peers));
    insist(self_map(SLOT_PEERS, 0, peers.bytes, CAP_READ | CAP_WRITE, &at));
    pages = at;
    while ((uint64_t)count * count * PAGE_SIZE < peers.bytes) {
        count++;
    }
    insist(notification_open(&woken));
    for (coreid_t core = 0; core < count; core++) {
        listen_to(core);
    }
    make_own();
}

uint32_t cores_count(void)
{
    return count;
}

volatile struct page *cores_page(coreid_t from, coreid_t to)
{
    return (volatile struct page *)(pages + BOOT_PEERS_PAGE(count, from, to) * PAGE_SIZE);
}

bool cores_await(const volatile _Atomic uint64_t *word, uint64_t value, nanos_t deadline)
{
    while (*word < value) {
        if (!notification_wait(&woken, deadline)) {
            return *word >= value;
        }
    }
    return true;
}

/* ---- commands: words in, words out ---- */

static err_t signals(uint64_t how_many)
{
    volatile struct page *to = cores_page(rt_self()->core, 0);

    for (uint64_t i = 0; i < how_many; i++) {
        to->count++;
        insist(cap_notify_core(0));
    }
    return OK;
}

static err_t ring(uint64_t rounds)
{
    coreid_t self = rt_self()->core;
    coreid_t next = (self + 1) % count;
    uint64_t first = cores_page(self, next)->token;

    for (uint64_t i = 1; i <= rounds; i++) {
        if (!cores_await(&cores_page(self - 1, self)->token, first + i, NANOS_NEVER)) {
            return err_make(ERR_TIMEOUT, i);
        }
        cores_page(self, next)->token = first + i;
        insist(cap_notify_core(next));
    }
    return OK;
}

static err_t who(uint64_t words[WORDS])
{
    struct cap_identity ram;
    err_t e = cap_identify(RAM, &ram);

    words[0] = rt_self()->core;
    words[1] = rt_self()->process;
    words[2] = ram.base;
    words[3] = ram.bytes;
    return e;
}

static err_t adopt(const uint64_t words[WORDS], err_t (*operation)(const struct cap_across *, cptr_t))
{
    struct cap_across what;

    for (unsigned i = 0; i < CAP_ACROSS_WORDS; i++) {
        what.words[i] = words[i];
    }
    return operation(&what, adopted);
}

static err_t share(cptr_t slot, uint64_t words[WORDS])
{
    struct cap_across what;
    err_t e = cap_share(slot, (coreid_t)words[0], &what);

    for (unsigned i = 0; err_ok(e) && i < CAP_ACROSS_WORDS; i++) {
        words[i] = what.words[i];
    }
    return e;
}

static err_t map(uint64_t *word)
{
    void *at;
    err_t e = self_map(adopted, 0, PAGE_SIZE, CAP_READ | CAP_WRITE, &at);

    if (err_ok(e)) {
        uint64_t before = *(volatile uint64_t *)at;

        *(volatile uint64_t *)at = *word;
        *word = before;
    }
    return e;
}

static err_t retype(void)
{
    cptr_t part;
    err_t e = slot_alloc(&part);

    return err_ok(e) ? cap_retype(adopted, 0, CAP_TYPE_FRAME, PAGE_SIZE, 1, part) : e;
}

static err_t give_up(void)
{
    err_t e = cap_revoke_foreign(adopted);

    return err_ok(e) ? cap_delete(adopted) : e;
}

static err_t carry_out(uint64_t command, uint64_t words[WORDS])
{
    switch (command) {
    case COMMAND_ECHO:
        for (unsigned i = 0; i < WORDS; i++) {
            words[i]++;
        }
        return OK;
    case COMMAND_SIGNALS:
        return signals(words[0]);
    case COMMAND_RING:
        return ring(words[0]);
    case COMMAND_WHO:
        return who(words);
    case COMMAND_ADOPT:
        return adopt(words, cap_adopt);
    case COMMAND_FIND:
        return adopt(words, cap_find);
    case COMMAND_SHARE:
        return share(own, words);
    case COMMAND_SHARE_ADOPTED:
        return share(adopted, words);
    case COMMAND_UNSHARE:
        return cap_unshare(own, (coreid_t)words[0]);
    case COMMAND_REVOKE:
        return cap_revoke(own);
    case COMMAND_RETYPE:
        return retype();
    case COMMAND_MAP:
        return map(words);
    case COMMAND_GIVE_UP:
        return give_up();
    case COMMAND_SIGNAL:
        return cap_notify_signal(adopted);
    case COMMAND_BIND:
        return cap_notify_bind(adopted, SLOT_DISPATCHER, woken.bit);
    case COMMAND_SEND:
        return rt_send(adopted, &(struct rt_message){.length = 1});
    default:
        return err_make(ERR_BAD_ARGUMENT, command);
    }
}

void helper_run(void)
{
    volatile struct page *in = cores_page(0, rt_self()->core);
    volatile struct page *out = cores_page(rt_self()->core, 0);

    for (uint64_t number = 1;; number++) {
        uint64_t words[WORDS];
        err_t e;

        (void)cores_await(&in->request, number, NANOS_NEVER);
        for (unsigned i = 0; i < WORDS; i++) {
            words[i] = in->words[i];
        }
        e = carry_out(in->command, words);
        for (unsigned i = 0; i < WORDS; i++) {
            out->words[i] = words[i];
        }
        out->error = e.code[0];
        out->request = number;
        insist(cap_notify_core(0));
    }
}
