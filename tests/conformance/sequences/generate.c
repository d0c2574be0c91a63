/* SPDX-License-Identifier: MIT */
/* Calls with operands of the right types in the right places, most of the time: what an operation wants is in
 * abi/invocation.h and abi/objects.h. An operation that is new in the ABI is one that has no function here,
 * and the program does not compile. */
#include "sequence.h"

#define CROSSING                                                                                             \
    (TYPE(PHYS_ADDR) | TYPE(RAM) | TYPE(FRAME) | TYPE(DEV_FRAME) | TYPE(SERVICE) | TYPE(HANDLE) |            \
     TYPE(NOTIFY) | TYPE(IRQ) | TYPE(PROCESS) | TYPE(NAME_PREFIX))
#define ANY        ((((uint32_t)1 << CAP_TYPE_COUNT) - 1) & ~TYPE(NULL))
#define CHANNELS   8u /* few, so that they meet */
#define OTHER_CORE 1u
#define FAVOURITES 3u

static uint64_t below(uint64_t limit)
{
    return random_below(&source, limit);
}

/* Seldom of another level, beyond the space, or in a CNode that may not be passed. */
static uint64_t place_of(cptr_t slot)
{
    switch (below(60)) {
    case 0:
    case 1:
        return CAP_PLACE(slot, below(5));
    case 2:
        return CAP_PLACE_SLOT(CPTR(4000, below(SPACE_SLOTS)));
    case 3:
        return CAP_PLACE_SLOT(CPTR(WEAK_CNODE, below(SPACE_SLOTS)));
    default:
        return CAP_PLACE_SLOT(slot);
    }
}

/* Mostly an empty slot; seldom one of the root itself. */
static uint64_t some_place(void)
{
    return one_in(12) ? CAP_PLACE_CNODE(below(4)) : place_of(one_in(10) ? some_slot() : some_empty());
}

static cptr_t some_root(void)
{
    return one_in(6) ? some_of(TYPE(L1_CNODE)) : OWN_SPACE;
}

static void invoke(struct step *s, cptr_t target, unsigned operation)
{
    s->args[0] = SYS_TARGET(target, operation);
    s->args[SYS_ARG_NUMBER] = SYS_INVOKE;
}

/* ---- capability spaces ---- */

static void on_space(struct step *s, unsigned operation, uint32_t types)
{
    invoke(s, some_root(), operation);
    s->args[1] = place_of(some_of(types));
}

static void to_place(struct step *s, unsigned arg)
{
    s->args[arg] = one_in(40) ? some_of(ANY) : some_root();
    s->args[arg + 1] = some_place();
}

static void make_CNODE_COPY(struct step *s)
{
    on_space(s, CNODE_COPY, ANY);
    to_place(s, 2);
    if (one_in(12)) {
        s->args[3] = s->args[1];
    }
}

static void make_CNODE_MOVE(struct step *s)
{
    make_CNODE_COPY(s);
    invoke(s, (cptr_t)s->args[0], CNODE_MOVE);
}

static void make_CNODE_MINT(struct step *s)
{
    bool badge = one_in(3);
    bool part = !badge && one_in(3);

    on_space(s, CNODE_MINT, badge ? TYPE(ENDPOINT_LMP) : part && !one_in(4) ? TYPE(RAM) | TYPE(FRAME) : ANY);
    to_place(s, 2);
    s->args[4] = one_in(8) ? some_number() : one_in(3) ? CAP_ALL_RIGHTS : below(CAP_ALL_RIGHTS + 1);
    if (badge) {
        s->args[7] = 1 + below(3);
        s->args[8] = below(2);
    } else if (part) {
        s->args[5] = below(8) * PAGE_SIZE;
        s->args[6] = one_in(4) ? 1 : PAGE_SIZE << below(one_in(4) ? 20 : 3);
    }
    if (one_in(30)) {
        s->args[3] = s->args[1];
    }
}

static void retype_memory(struct step *s)
{
    static const uint8_t types[] = {
        CAP_TYPE_RAM,          CAP_TYPE_FRAME,     CAP_TYPE_FRAME,    CAP_TYPE_L1_CNODE, CAP_TYPE_L2_CNODE,
        CAP_TYPE_VNODE_L0,     CAP_TYPE_VNODE_L1,  CAP_TYPE_VNODE_L2, CAP_TYPE_VNODE_L3, CAP_TYPE_DISPATCHER,
        CAP_TYPE_ENDPOINT_LMP, CAP_TYPE_DEV_FRAME, CAP_TYPE_PHYS_ADDR};
    static const uint64_t sizes[CAP_TYPE_COUNT] = {[CAP_TYPE_L2_CNODE] = CAP_L2_BYTES,
                                                   [CAP_TYPE_VNODE_L0] = CAP_VNODE_L0_BYTES,
                                                   [CAP_TYPE_DISPATCHER] = CAP_DISPATCHER_BYTES};
    unsigned type = types[below(sizeof(types))];
    uint32_t from = one_in(12) ? TYPE(PHYS_ADDR) : TYPE(RAM);

    if (type == CAP_TYPE_FRAME && one_in(3)) {
        from = TYPE(FRAME);
    } else if (type == CAP_TYPE_DEV_FRAME || type == CAP_TYPE_PHYS_ADDR) {
        from = TYPE(PHYS_ADDR) | TYPE(DEV_FRAME);
    }
    s->args[1] = place_of(some_of(from));
    s->args[4] = type;
    s->args[5] = (one_in(3) ? 0 : below(64)) * PAGE_SIZE;
    if ((from & TYPE(PHYS_ADDR)) && one_in(2)) {
        s->args[5] = PAGE_SIZE << below(30);
    }
    s->args[6] = sizes[type] != 0 ? sizes[type] : PAGE_SIZE << (one_in(8) ? below(11) : below(2));
    s->args[7] = one_in(4) ? below(6) : 1;
}

static void retype_numbered(struct step *s)
{
    switch (below(5)) {
    case 0:
        s->args[1] = place_of(some_of(TYPE(ENDPOINT_LMP)));
        s->args[4] = CAP_TYPE_SERVICE;
        break;
    case 1:
        s->args[1] = place_of(some_of(TYPE(SERVICE)));
        s->args[4] = CAP_TYPE_HANDLE;
        break;
    case 2:
        s->args[1] = place_of(some_of(TYPE(KERNEL)));
        s->args[4] = one_in(3) ? CAP_TYPE_PROCESS : CAP_TYPE_NOTIFY;
        s->args[5] =
            (s->args[4] == CAP_TYPE_NOTIFY ? CAP_KERNEL_NOTIFY + CAP_NOTIFY_CORES : 1000) + below(CHANNELS);
        s->args[6] = 1;
        break;
    case 3:
        s->args[1] = place_of(some_of(TYPE(IRQ)));
        s->args[4] = CAP_TYPE_IRQ;
        s->args[5] = below(IRQ_LINES);
        s->args[6] = 1;
        break;
    default:
        s->args[1] = place_of(some_of(TYPE(NAME_PREFIX)));
        s->args[4] = CAP_TYPE_NAME_PREFIX;
        s->args[5] = below(100);
        s->args[6] = 1 + below(20);
        break;
    }
    s->args[7] = 1;
    s->args[8] = below(3);
}

static void make_CNODE_RETYPE(struct step *s)
{
    invoke(s, some_root(), CNODE_RETYPE);
    to_place(s, 2);
    if (one_in(3)) {
        retype_numbered(s);
    } else {
        retype_memory(s);
    }
    if (s->args[4] == CAP_TYPE_L2_CNODE && one_in(2)) {
        s->args[3] = CAP_PLACE_CNODE(1 + below(2));
    }
    switch (below(60)) {
    case 0:
        s->args[4] = below(CAP_TYPE_COUNT + 1);
        break;
    case 1:
        s->args[4] = CAP_TYPE_MAPPING;
        break;
    case 2:
        s->args[3] = s->args[1];
        break;
    case 3:
        s->args[3] = CAP_PLACE_SLOT(CPTR_L2_SLOTS - 1);
        s->args[7] = 2;
        break;
    }
}

static void make_CNODE_DELETE(struct step *s)
{
    on_space(s, CNODE_DELETE, ANY);
    if (one_in(12)) {
        s->args[1] = CAP_PLACE_CNODE(below(3));
    }
}

static void make_CNODE_REVOKE(struct step *s)
{
    on_space(s, CNODE_REVOKE, one_in(6) ? ANY : ANY & ~(TYPE(RAM) | TYPE(L1_CNODE) | TYPE(DISPATCHER)));
}

static void make_CNODE_REVOKE_RANGE(struct step *s)
{
    on_space(s, CNODE_REVOKE_RANGE,
             one_in(4) ? TYPE(KERNEL) | TYPE(IRQ) | TYPE(NAME_PREFIX) | TYPE(PROCESS)
                       : TYPE(RAM) | TYPE(FRAME));
    s->args[2] = one_in(6) ? below(20) : below(64) * PAGE_SIZE;
    s->args[3] = one_in(6) ? 1 + below(20) : PAGE_SIZE << below(6);
}

static void make_CNODE_IDENTIFY(struct step *s)
{
    on_space(s, CNODE_IDENTIFY, ANY);
}

static void make_CNODE_UNUSED(struct step *s)
{
    on_space(s, CNODE_UNUSED, TYPE(RAM) | TYPE(FRAME) | TYPE(PHYS_ADDR) | TYPE(NAME_PREFIX) | TYPE(IRQ));
    s->args[2] = one_in(2) ? 0 : below(64) * PAGE_SIZE;
}

static void make_CNODE_RESIZE(struct step *s)
{
    invoke(s, one_in(2) ? OWN_SPACE : some_of(TYPE(L1_CNODE)), CNODE_RESIZE);
    s->args[1] = place_of(one_in(2) ? OWN_L1 + below(2) : some_of(TYPE(L1_CNODE)));
}

/* ---- page tables ---- */

static void make_VNODE_MAP(struct step *s)
{
    unsigned level = one_in(2) ? 3 : (unsigned)below(4);
    bool table = level < 3 && !one_in(6);
    uint32_t object = table ? (uint32_t)1 << (CAP_TYPE_VNODE_L0 + level + 1) : TYPE(FRAME) | TYPE(DEV_FRAME);

    invoke(s, some_of((uint32_t)1 << (CAP_TYPE_VNODE_L0 + level)), VNODE_MAP);
    s->args[1] = some_root();
    s->args[2] = place_of(some_of(object));
    s->args[3] = (level == 0 ? 0 : below(one_in(3) ? 520 : 8)) | (table && !one_in(10) ? 1 : below(5)) << 16;
    s->args[4] = table || one_in(2) ? 0 : below(8) << (one_in(4) ? 11 : 12);
    s->args[5] =
        table && !one_in(10) ? 0 : (one_in(3) ? CAP_READ : below(10)) | (one_in(6) ? below(3) : 0) << 8;
    to_place(s, 6);
}

/* Mostly pages. */
static cptr_t some_mapping(void)
{
    return one_in(2) ? OWN_MAPPINGS + 3 + (cptr_t)below(2) : some_of(TYPE(MAPPING));
}

static void make_MAPPING_PROTECT(struct step *s)
{
    invoke(s, some_mapping(), MAPPING_PROTECT);
    s->args[1] = below(3) | below(4) << 16;
    s->args[2] = one_in(3) ? CAP_READ : one_in(3) ? CAP_READ | CAP_WRITE : below(9);
}

static void make_MAPPING_SPLIT(struct step *s)
{
    invoke(s, some_mapping(), MAPPING_SPLIT);
    s->args[1] = one_in(6) ? some_number() : below(3);
    to_place(s, 2);
}

static void make_VSPACE_INFO(struct step *s)
{
    invoke(s, some_of(TYPE(VNODE_L0)), VSPACE_INFO);
}

/* ---- kernel objects ---- */

static void make_LOG_WRITE(struct step *s)
{
    invoke(s, some_of(TYPE(LOG)), LOG_WRITE);
    s->args[1] = one_in(6) ? some_number() : 1;
}

static void make_LOG_READ(struct step *s)
{
    invoke(s, some_of(TYPE(LOG)), LOG_READ);
    s->args[1] = one_in(2) ? some_number() : below(4096);
}

static cptr_t some_dispatcher(void)
{
    return some_of(TYPE(DISPATCHER));
}

/* Seldom the fuzzer's own, though it is where everything begins. */
static cptr_t other_dispatcher(void)
{
    cptr_t d = some_dispatcher();

    return d == OWN_DISPATCHER && !one_in(12) ? some_dispatcher() : d;
}

/* One of the two that may not have been started. */
static cptr_t fresh_dispatcher(void)
{
    return one_in(2) ? OWN_DISPATCHERS + (cptr_t)below(2) : other_dispatcher();
}

static void make_DISPATCHER_SETUP(struct step *s)
{
    invoke(s, fresh_dispatcher(), DISPATCHER_SETUP);
    s->args[1] = some_of(TYPE(L1_CNODE));
    s->args[2] = some_of(TYPE(VNODE_L0));
    s->args[3] = some_of(TYPE(FRAME));
    s->args[4] = one_in(2) ? CPTR_NULL : some_of(TYPE(ENDPOINT_LMP));
    s->args[6] = 0x6e616d6568746e6fu;
}

/* In an address space that has nothing at that address: it faults as soon as it runs, mostly behind its
 * maker. */
static void make_DISPATCHER_START(struct step *s)
{
    invoke(s, fresh_dispatcher(), DISPATCHER_START);
    s->args[1] = random_word(&source);
    s->args[2] = random_word(&source);
    s->args[4] = below(one_in(2) ? 40 : 8);
}

static void make_DISPATCHER_END(struct step *s)
{
    invoke(s,
           one_in(3)   ? other_dispatcher()
           : one_in(8) ? OWN_DISPATCHER_WEAK
                       : OWN_DISPATCHERS + (cptr_t)below(2),
           DISPATCHER_END);
    s->args[1] = below(100);
}

static void make_DISPATCHER_BIND(struct step *s)
{
    invoke(s, other_dispatcher(), DISPATCHER_BIND);
    s->args[1] = some_of(TYPE(ENDPOINT_LMP));
}

static void make_DISPATCHER_KEEP_REPLY(struct step *s)
{
    invoke(s, one_in(8) ? some_dispatcher() : OWN_DISPATCHER, DISPATCHER_KEEP_REPLY);
    s->args[1] = one_in(6) ? some_slot() : some_empty();
}

static void make_DISPATCHER_INFO(struct step *s)
{
    invoke(s, some_of(TYPE(DISPATCHER)), DISPATCHER_INFO);
}

static void make_DISPATCHER_SUSPEND(struct step *s)
{
    invoke(s, some_of(TYPE(DISPATCHER)), DISPATCHER_SUSPEND);
}

static void make_DISPATCHER_CONTINUE(struct step *s)
{
    invoke(s, some_of(TYPE(DISPATCHER)), DISPATCHER_CONTINUE);
}

/* Numbers for people, but the debugger's hook believes them: those of a program that is not there. */
static void make_DISPATCHER_SET_IMAGE(struct step *s)
{
    invoke(s, some_of(TYPE(DISPATCHER)), DISPATCHER_SET_IMAGE);
}

static void make_DISPATCHER_CALLS(struct step *s)
{
    invoke(s, one_in(2) ? OWN_DISPATCHER : some_of(TYPE(DISPATCHER)), DISPATCHER_CALLS);
    s->args[1] = one_in(8) ? some_number() : below(3);
}

static void irq_call(struct step *s, unsigned operation)
{
    invoke(s, one_in(12) ? OWN_IRQ_WEAK : some_of(TYPE(IRQ)), operation);
    s->args[1] = below(IRQ_LINES + 1);
}

static void bound(struct step *s, unsigned arg)
{
    s->args[arg] = some_dispatcher();
    s->args[arg + 1] = one_in(12) ? some_number() : below(DISPATCHER_NOTIFY_WORDS * 64);
}

static void make_IRQ_BIND(struct step *s)
{
    irq_call(s, IRQ_BIND);
    bound(s, 2);
}

static void make_IRQ_ACK(struct step *s)
{
    irq_call(s, IRQ_ACK);
}

static void make_IRQ_UNBIND(struct step *s)
{
    irq_call(s, IRQ_UNBIND);
}

static void make_NOTIFY_SIGNAL(struct step *s)
{
    invoke(s, some_of(TYPE(NOTIFY)), NOTIFY_SIGNAL);
}

static void make_NOTIFY_BIND(struct step *s)
{
    invoke(s, some_of(TYPE(NOTIFY)), NOTIFY_BIND);
    bound(s, 1);
}

static void make_NOTIFY_UNBIND(struct step *s)
{
    invoke(s, some_of(TYPE(NOTIFY)), NOTIFY_UNBIND);
}

/* ---- the kernel's own: those that end the machine only where they are refused ---- */

static void on_kernel(struct step *s, unsigned operation)
{
    invoke(s, one_in(8) ? OWN_KERNEL_WEAK : some_of(TYPE(KERNEL)), operation);
}

static void make_KERNEL_POWER_OFF(struct step *s)
{
    invoke(s, OWN_KERNEL_WEAK, KERNEL_POWER_OFF);
    s->args[1] = below(256);
}

static void make_KERNEL_RESET(struct step *s)
{
    invoke(s, OWN_KERNEL_WEAK, KERNEL_RESET);
}

/* The console stays the log's: it is where results go. */
static void make_KERNEL_TAKE_CONSOLE(struct step *s)
{
    on_kernel(s, KERNEL_TAKE_CONSOLE);
    s->args[1] = 1 + below(3);
}

static void make_KERNEL_SHARE(struct step *s)
{
    on_kernel(s, KERNEL_SHARE);
    s->args[1] = some_of(one_in(4) ? ANY : CROSSING);
    s->args[2] = one_in(6) ? below(70) : OTHER_CORE;
}

/* What was shared, or what looks like something of another core. */
static void some_identity(struct step *s)
{
    uint64_t *words = &s->args[CAP_ACROSS_FIRST];

    if (shared_count > 0 && one_in(2)) {
        const struct shared *from = &shared[below(shared_count)];

        for (unsigned i = 0; i < CAP_ACROSS_WORDS; i++) {
            words[i] = from->what.words[i];
        }
    } else {
        bool notify = one_in(2);

        words[0] = (notify ? CAP_TYPE_NOTIFY : CAP_TYPE_PROCESS) |
                   (uint64_t)(1 + below(CAP_ALL_RIGHTS)) << 8 | (uint64_t)OTHER_CORE << 24 |
                   (uint64_t)1 << 32;
        words[1] = CAP_KERNEL_BASE(OTHER_CORE) + (notify ? CAP_KERNEL_NOTIFY + below(4) : 1 + below(4));
        words[2] = 1;
    }
    if (one_in(5)) {
        words[below(CAP_ACROSS_WORDS)] = some_number();
    }
    if (one_in(8)) {
        words[0] ^= (uint64_t)OTHER_CORE << 24; /* the other one owns it */
    }
}

static void make_KERNEL_ADOPT(struct step *s)
{
    on_kernel(s, KERNEL_ADOPT);
    s->args[1] = one_in(8) ? some_slot() : some_empty();
    some_identity(s);
}

static void make_KERNEL_FIND(struct step *s)
{
    make_KERNEL_ADOPT(s);
    invoke(s, (cptr_t)s->args[0], KERNEL_FIND);
}

static void make_KERNEL_UNSHARE(struct step *s)
{
    make_KERNEL_SHARE(s);
    invoke(s, (cptr_t)s->args[0], KERNEL_UNSHARE);
}

static void make_KERNEL_REVOKE_FOREIGN(struct step *s)
{
    on_kernel(s, KERNEL_REVOKE_FOREIGN);
    s->args[1] = some_of(TYPE(NOTIFY) | TYPE(PROCESS));
}

static void make_KERNEL_NOTIFY_CORE(struct step *s)
{
    on_kernel(s, KERNEL_NOTIFY_CORE);
    s->args[1] = below(one_in(4) ? 70 : 2);
}

/* ---- the other system calls ---- */

static void make_SYS_NULL(struct step *s)
{
    s->args[SYS_ARG_NUMBER] = one_in(8) ? SYS_COUNT + some_number() % UINT32_MAX : SYS_NULL;
}

static void message(struct step *s, unsigned number, cptr_t target)
{
    s->args[0] = target | (one_in(4) ? below(4) : 0) << 48;
    s->args[1] = (one_in(12) ? below(UINT16_MAX) : below(SYS_WORDS + 1)) | (uint64_t)some_empty() << 32;
    s->args[SYS_ARG_DEADLINE] = 0;
    s->args[SYS_ARG_CAP] = one_in(2) ? CPTR_NULL : some_of(ANY);
    s->args[SYS_ARG_TOKEN] = below(100);
    s->args[SYS_ARG_NUMBER] = number;
}

static void make_SYS_SEND(struct step *s)
{
    message(s, SYS_SEND, some_of(TYPE(ENDPOINT_LMP) | TYPE(HANDLE)));
}

static void make_SYS_CALL(struct step *s)
{
    message(s, SYS_CALL, one_in(2) ? OWN_SENDER : some_of(TYPE(ENDPOINT_LMP) | TYPE(HANDLE)));
}

static void make_SYS_RECV(struct step *s)
{
    message(s, SYS_RECV, 0);
    s->args[SYS_ARG_DEADLINE] = one_in(4); /* long past */
}

static void make_SYS_REPLY(struct step *s)
{
    message(s, SYS_REPLY, one_in(2) ? CPTR_NULL : some_of(TYPE(REPLY)));
}

static void make_SYS_YIELD(struct step *s)
{
    s->args[SYS_ARG_NUMBER] = SYS_YIELD;
}

static void make_SYS_RESUME(struct step *s)
{
    s->args[SYS_ARG_NUMBER] = SYS_RESUME;
    s->args[0] = one_in(2) ? below(SAVE_AREAS) : some_number();
}

static void make_SYS_NOW(struct step *s)
{
    s->args[SYS_ARG_NUMBER] = SYS_NOW;
}

/* ---- choosing ---- */

static void (*const makers[])(struct step *s) = {
#define OPERATION(name, type) make_##name,
#define SYSTEM_CALL(name)     make_##name,
#include "operations.inc"
#undef OPERATION
#undef SYSTEM_CALL
};

const char *const operation_names[OPERATIONS] = {
#define OPERATION(name, type) #name,
#define SYSTEM_CALL(name)     #name,
#include "operations.inc"
#undef OPERATION
#undef SYSTEM_CALL
    "no operation",
};

CLAIM(every_operation_has_a_maker, ARRAY_LENGTH(makers) == OPERATIONS - 1);

static enum operation favourites[FAVOURITES];

void generate_begin(void)
{
    for (unsigned i = 0; i < FAVOURITES; i++) {
        favourites[i] = (enum operation)below(OPERATIONS - 1);
    }
}

/* What makes others possible comes more often, and what this life likes. */
static enum operation choose(void)
{
    static const uint8_t often[] = {OP_CNODE_RETYPE, OP_CNODE_RETYPE, OP_CNODE_COPY,
                                    OP_CNODE_MINT,   OP_VNODE_MAP,    OP_VNODE_MAP,
                                    OP_SYS_CALL,     OP_KERNEL_SHARE, OP_SYS_RECV};

    switch (below(4)) {
    case 0:
        return often[below(ARRAY_LENGTH(often))];
    case 1:
        return favourites[below(FAVOURITES)];
    default:
        return (enum operation)below(OPERATIONS - 1);
    }
}

/* Operands that nothing speaks for. Those of calls that must not get through stay as they are, and so do
 * deadlines. */
static void spoil(struct step *s)
{
    unsigned arg = (unsigned)below(SYS_ARG_DEADLINE);

    if (arg == 0 && one_in(2)) {
        s->args[0] = (s->args[0] & ~(uint64_t)UINT32_MAX) | some_slot();
    } else if (arg != 0) {
        s->args[arg] = some_number();
    }
}

void generate(struct step *s)
{
    enum operation op = choose();

    *s = (struct step){.args = {0}};
    makers[op](s);
    if (one_in(5) && op != OP_KERNEL_POWER_OFF && op != OP_KERNEL_RESET && op != OP_KERNEL_TAKE_CONSOLE &&
        op != OP_LOG_WRITE && op != OP_DISPATCHER_SET_IMAGE) {
        spoil(s);
    }
}

enum operation operation_of(const struct step *s, unsigned type)
{
    unsigned number = (s->args[0] >> 32) & 0xffff;

#define SYSTEM_CALL(name)                                                                                    \
    if (s->args[SYS_ARG_NUMBER] == name) {                                                                   \
        return OP_##name;                                                                                    \
    }
#define OPERATION(name, of)                                                                                  \
    if (s->args[SYS_ARG_NUMBER] == SYS_INVOKE && number == name && ON_##of) {                                \
        return OP_##name;                                                                                    \
    }
#define ON_L1_CNODE   (type == CAP_TYPE_L1_CNODE)
#define ON_VNODE      (TABLES >> type & 1)
#define ON_MAPPING    (type == CAP_TYPE_MAPPING)
#define ON_LOG        (type == CAP_TYPE_LOG)
#define ON_DISPATCHER (type == CAP_TYPE_DISPATCHER)
#define ON_VNODE_L0   (type == CAP_TYPE_VNODE_L0)
#define ON_IRQ        (type == CAP_TYPE_IRQ)
#define ON_NOTIFY     (type == CAP_TYPE_NOTIFY)
#define ON_KERNEL     (type == CAP_TYPE_KERNEL)
#include "operations.inc"
#undef OPERATION
#undef SYSTEM_CALL
    return OP_NONE;
}
