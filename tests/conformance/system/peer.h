/* SPDX-License-Identifier: MIT */
/* Peers: further dispatchers inside the test program. They share its address space and, unless a test says
 * otherwise, its capability space, but have nothing of the run-time: what they run makes system calls only. A
 * test does to a peer what it may not do to itself, and programs that are meant to die are peers.
 *
 * Everything a peer is made of comes out of one piece of RAM, so that one revoke ends it whatever it did. */
#ifndef TESTS_CONFORMANCE_SYSTEM_PEER_H
#define TESTS_CONFORMANCE_SYSTEM_PEER_H

#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/message.h>

#define PEERS         8u
#define PEER_PRIORITY 16u /* that of the test program */
#define PEER_STACK    8192u
#define PEER_RAM      CPTR(2, 0) /* the memory that the kernel left */
#define PEER_BYTES    ((uint64_t)512 * 1024)

/* What belongs to one peer, each in a slot of the test program. */
enum peer_slot {
    PEER_PIECE, /* RAM: ancestor of all others */
    PEER_DISPATCHER,
    PEER_ENDPOINT,
    PEER_USER_PART,
    PEER_SENDER,   /* to PEER_ENDPOINT, badge PEER_BADGE */
    PEER_MONITOR,  /* to the test program, badge PEER_MONITOR_BADGE + number of the peer */
    PEER_FRAME,    /* one page */
    PEER_SPACE,    /* L1CNode of 4 KiB: empty */
    PEER_CNODE,    /* L2CNode: empty, in no space */
    PEER_SPARE,    /* RAM: what is left of the piece */
    PEER_RECEIVED, /* empty; where it puts capabilities that come */
    PEER_KEPT,     /* empty; from here on for the test */
    PEER_A,
    PEER_B,
    PEER_C,
    PEER_D,
    PEER_SLOTS,
};

#define PEER_BADGE         0x5eedu
#define PEER_MONITOR_BADGE 0xdead00u

cptr_t peer_slot(unsigned peer, enum peer_slot slot);

/* Makes it, in the place of what a test that failed left: set up, bound to its endpoint, not started. The
 * test program maps its user part: peer_user(). */
void peer_make(unsigned peer);

/* The same without SETUP and BIND. */
void peer_make_objects(unsigned peer);

void peer_setup(unsigned peer, cptr_t root);

void peer_start(unsigned peer, void (*entry)(void *), void *argument, unsigned priority);

/* All of it, in this order; in the shared capability space. */
void peer_run(unsigned peer, void (*entry)(void *), void *argument);

/* Ends it and gives everything back. News of its end that wait are taken away. */
void peer_remove(unsigned peer);

/* Its user part as the test program sees it, until peer_remove. */
struct dispatcher_user *peer_user(unsigned peer);

unsigned char *peer_stack_top(unsigned peer);

/* Pages of the address space where nothing is mapped: page 0 .. 63, and the level-3 table with the entry of
 * each.
 */
vaddr_t peer_page(unsigned page);
cptr_t peer_page_table(void);
unsigned peer_page_entry(unsigned page);

/* Waits for the news of the end of any peer. */
struct rt_message peer_await_end(void);

/* Lets peers of the same priority run until `*word` is not less than `value`. */
void peer_await(const volatile uint64_t *word, uint64_t value);

/* The same for peers of any priority: the test program sleeps meanwhile. */
void peer_await_asleep(const volatile uint64_t *word, uint64_t value);

struct dispatcher_info peer_info(unsigned peer);

/* In ten seconds: what no test waits for. */
nanos_t peer_soon(void);

/* ---- for code of peers: system calls without the run-time ---- */

/* arguments 0 .. 9, 10, 11, 13 stay as they are; the cause of the error. */
unsigned peer_call(uint64_t args[SYS_ARGS], uint64_t number);
void peer_receive(uint64_t args[SYS_ARGS], uint64_t flags, cptr_t receive_slot, nanos_t deadline);
_Noreturn void peer_end(unsigned peer);

/* Ready-made entries. The argument is the number of the peer. */
void peer_echo(void *peer);    /* answers calls with their words, each plus one, the badge in the last */
void peer_compute(void *word); /* counts up *word for ever, without a system call */
void peer_sleep(void *peer);   /* receives, closed, for ever */
void peer_take(void *peer);    /* receives once, then sleeps with the call unanswered */

#endif
