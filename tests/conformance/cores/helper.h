/* SPDX-License-Identifier: MIT */
/* What the cores of the test machine do for the tests, which run on core 0: each takes commands from its page
 * of the rings' Frame (SLOT_PEERS) and is woken by KERNEL_NOTIFY_CORE, as core servers are. */
#ifndef TESTS_CONFORMANCE_CORES_HELPER_H
#define TESTS_CONFORMANCE_CORES_HELPER_H

#include <mudskipper/abi/boot_info.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/notify.h>

#define WORDS 8u

enum command {
    COMMAND_ECHO,          /* → each word plus one */
    COMMAND_SIGNALS,       /* 0: how many: counts `count` up and wakes core 0 each time */
    COMMAND_RING,          /* 0: rounds: passes a token on from core to core */
    COMMAND_WHO,           /* → 0: core · 1: process · 2: base · 3: bytes of its largest RAM */
    COMMAND_ADOPT,         /* 0..4: identity */
    COMMAND_FIND,          /* 0..4: identity */
    COMMAND_SHARE,         /* 0: core → 0..4: identity; of a page of its own */
    COMMAND_UNSHARE,       /* 0: core */
    COMMAND_REVOKE,        /* its own page: what others hold too */
    COMMAND_RETYPE,        /* what it adopted */
    COMMAND_MAP,           /* what it adopted: → 0: the first word; which is then set to word 0 */
    COMMAND_GIVE_UP,       /* what it adopted: REVOKE_FOREIGN and delete */
    COMMAND_SIGNAL,        /* what it adopted, a Notify */
    COMMAND_BIND,          /* what it adopted, a Notify */
    COMMAND_SEND,          /* to what it adopted, a Handle */
    COMMAND_SHARE_ADOPTED, /* 0: core */
};

/* One page: `from` writes all of it, `to` reads. */
struct page {
    _Atomic uint64_t request; /* number of the last command, or of the last answer */
    uint64_t command;
    uint64_t error; /* cause, of an answer */
    uint64_t words[WORDS];
    _Atomic uint64_t count;
    _Atomic uint64_t token;
};

/* Called once on each core: maps the pages, and listens to all other cores. */
void cores_begin(void);

uint32_t cores_count(void);
volatile struct page *cores_page(coreid_t from, coreid_t to);

/* Waits until *word is at least `value`; false: the deadline came. */
bool cores_await(const volatile _Atomic uint64_t *word, uint64_t value, nanos_t deadline);

/* For ever. */
_Noreturn void helper_run(void);

#endif
