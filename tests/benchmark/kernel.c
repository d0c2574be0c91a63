/* SPDX-License-Identifier: MIT */
/* What the kernel's operations cost, as the first program of a machine: one line "KEY NANOSECONDS" each.
 * Under QEMU with -icount shift=0,sleep=off a nanosecond is an instruction. Results are checked, so that
 * nothing can be left out. */
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/port.h>
#include <mudskipper/rt/process.h>

#define RAM    CPTR(2, 0)
#define ROUNDS 10000u

enum { PIECE = SLOT_FIRST_FREE, PEER, PEER_ENDPOINT, PEER_USER_PART, TO_PEER, A, B };

static _Alignas(16) unsigned char peer_stack[16384];
static unsigned failures;

static void check(err_t e)
{
    if (!err_ok(e)) {
        failures++;
    }
}

/* Answers every call with its first word plus one. */
static void echo(void *unused)
{
    uint64_t args[SYS_ARGS] = {[SYS_ARG_DEADLINE] = NANOS_NEVER, [SYS_ARG_NUMBER] = SYS_RECV};

    (void)unused;
    for (;;) {
        rt_syscall(args);
        args[SYS_ARG_WORDS]++;
        args[0] = SYS_FLAG_WAIT;
        args[1] = (uint16_t)args[1];
        args[SYS_ARG_CAP] = 0;
        args[SYS_ARG_DEADLINE] = NANOS_NEVER;
        args[SYS_ARG_NUMBER] = SYS_REPLY;
    }
}

static void make_peer(void)
{
    check(cap_retype(RAM, 0, CAP_TYPE_RAM, 16 * PAGE_SIZE, 1, PIECE));
    check(cap_retype(PIECE, 0, CAP_TYPE_DISPATCHER, CAP_DISPATCHER_BYTES, 1, PEER));
    check(cap_retype(PIECE, 2 * PAGE_SIZE, CAP_TYPE_ENDPOINT_LMP, PAGE_SIZE, 1, PEER_ENDPOINT));
    check(cap_retype(PIECE, 3 * PAGE_SIZE, CAP_TYPE_FRAME, 2 * PAGE_SIZE, 1, PEER_USER_PART));
    check(cap_badge(PEER_ENDPOINT, TO_PEER, 1));
    check(cap_dispatcher_setup(
        PEER, &(struct dispatcher_setup){
                  .root = SLOT_ROOT, .vspace = SLOT_VSPACE, .user_part = PEER_USER_PART, .name = "peer"}));
    check(cap_dispatcher_bind(PEER, PEER_ENDPOINT));
    check(cap_dispatcher_start(PEER, (vaddr_t)echo, (vaddr_t)peer_stack + sizeof(peer_stack), 0, 16));
    rt_yield(); /* it waits for its first call */
}

static void call_once(unsigned words)
{
    uint64_t args[SYS_ARGS] = {[0] = TO_PEER | SYS_FLAG_WAIT,
                               [1] = words,
                               [2] = 41,
                               [SYS_ARG_DEADLINE] = NANOS_NEVER,
                               [SYS_ARG_NUMBER] = SYS_CALL};

    rt_syscall(args);
    if (!(args[1] & SYS_CAME_REPLY) || (words > 0 && args[2] != 42)) {
        failures++;
    }
}

static void call_0(void)
{
    call_once(0);
}

static void call_8(void)
{
    call_once(8);
}

static void null_call(void)
{
    uint64_t args[SYS_ARGS] = {[SYS_ARG_NUMBER] = SYS_NULL};

    rt_syscall(args);
}

static void copy_and_delete(void)
{
    check(cap_copy(PIECE, A));
    check(cap_delete(A));
}

static void retype_page(void)
{
    check(cap_retype(PIECE, 8 * PAGE_SIZE, CAP_TYPE_FRAME, PAGE_SIZE, 1, B));
    check(cap_delete(B));
}

static void measure(const char *key, void (*run)(void))
{
    nanos_t begin;
    nanos_t end;

    run(); /* first touches */
    begin = rt_now();
    for (unsigned i = 0; i < ROUNDS; i++) {
        run();
    }
    end = rt_now();
    rt_log("%s %lu\n", key, (end - begin) / ROUNDS);
}

int main(void)
{
    make_peer();
    measure("kernel.null", null_call);
    measure("kernel.yield_alone", rt_yield);
    measure("kernel.call_reply_0", call_0);
    measure("kernel.call_reply_8", call_8);
    measure("kernel.copy_delete", copy_and_delete);
    measure("kernel.retype_delete_page", retype_page);
    return failures != 0;
}
