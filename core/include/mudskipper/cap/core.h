/* SPDX-License-Identifier: MIT */
/* The capabilities of one core: what all operations work on, and what they ask of the kernel around them.
 *
 * Pure: memory is reached through a window of constant offset, everything else through struct cap_ops. One
 * core runs at a time on one struct cap_core and holds events back; there are no locks, and nothing blocks,
 * allocates or recurses.
 *
 * Every operation is two functions. xxx_check refuses or not, and changes nothing. xxx_act is called right
 * after a check that did not refuse, with the same argument, and cannot fail. An act that may be long takes a
 * budget and returns CAP_AGAIN when it is used up: all it has done is in slots and objects, and check and act
 * called again with the same arguments go on (the kernel restarts the system call). What other callers do in
 * between is seen by the check. */
#ifndef MUDSKIPPER_CAP_CORE_H
#define MUDSKIPPER_CAP_CORE_H

#include <mudskipper/abi/cap_slot.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/cap/mdb.h>

enum cap_memory { CAP_MEMORY_RAM, CAP_MEMORY_DEVICE, CAP_MEMORY_OTHER };

/* What the kernel does for the operations. None may change slots or call an operation. Slots passed are valid
 * during the call only. Functions that a caller does not need do nothing. */
struct cap_ops {
    /* Clears one page. */
    void (*zero)(void *context, paddr_t page);

    /* What [base, base+bytes) is: all of it usable RAM, none of it RAM, or something else (mixed, or the
     * kernel's). */
    enum cap_memory (*memory)(void *context, paddr_t base, uint64_t bytes);

    /* Bytes that programs may use in the address space of this root table. */
    uint64_t (*vspace_bytes)(void *context, paddr_t root);

    /* Entries for [offset, offset+bytes) of the address space were invalid and have been written. */
    void (*mapped)(void *context, paddr_t root, uint64_t offset, uint64_t bytes);

    /* They were valid and have been changed or cleared: no access uses the old ones when this returns. */
    void (*unmapped)(void *context, paddr_t root, uint64_t offset, uint64_t bytes);

    /* One page is about to be mapped with CAP_EXECUTE: makes its contents visible to instruction fetch. */
    void (*executable)(void *context, paddr_t page);

    /* A retype has made this capability, the first to its object; the object's memory is clear. */
    void (*created)(void *context, const struct cap_slot *s);

    /* The last copy of a capability of a TOLD type goes: what it stood for ends now. Of objects that hold
     * slots (HOLDER) the memory stays until their slots are empty, but nothing may use them any more. */
    void (*ended)(void *context, const struct cap_slot *s);

    /* A capability of a PLACED type is now in another slot. */
    void (*placed)(void *context, const struct cap_slot *s);

    /* The slots in the memory of a HOLDER. The first is reserved for the deletion of the object: the kernel
     * leaves it empty. *count 0: it has none. */
    struct cap_slot *(*held)(void *context, const struct cap_slot *s, unsigned *count);

    /* Nothing below `ancestor` uses [base, base+bytes) any more; its RECLAIM mark is set. */
    void (*reclaim)(void *context, const struct cap_slot *ancestor, uint64_t base, uint64_t bytes);

    /* No capability names this memory as an object any more (ZEROED types; RAM above it does not count):
     * nobody reads or writes it until `zero` is asked for it. */
    void (*unused)(void *context, paddr_t base, uint64_t bytes);

    /* The core that owns what the whole range [base, base+bytes) of numbers names; CAP_OWNED_BY_NOBODY:
     * several do, or none. */
    coreid_t (*owner)(void *context, uint64_t base, uint64_t bytes);
};

#define CAP_OWNED_BY_NOBODY UINT32_MAX

struct cap_core {
    struct mdb db;
    uintptr_t window; /* pointer - physical address, for all RAM */
    const struct cap_ops *ops;
    void *context;
    coreid_t id;
    coreid_t cores;      /* of the machine; cap_core_init sets 1 */
    uint32_t generation; /* last one given out */
    /* Work list: last capabilities to objects whose slots are being emptied, first those that still lie where
     * they were deleted, then those that lie in their own object. */
    struct cap_slot *evicted;
    struct cap_slot *dying;
    struct cap_slot *stalled; /* either, that wait for other cores */
    /* A revoke of this capability runs: its caller knows that [from, to) below it becomes unused. */
    const struct cap_slot *revoking;
    uint64_t revoking_from;
    uint64_t revoking_to;
};

enum cap_progress { CAP_DONE, CAP_AGAIN };

/* Budgets are counted in units of some 32 instructions. An act that has any budget does at least one action,
 * whatever it costs, so that it gets on. */
enum cap_cost {
    CAP_COST_SCAN = 1,  /* two to four slots or table entries looked at, or one entry written */
    CAP_COST_SLOT = 12, /* one slot filled or moved */
    CAP_COST_PAGE = 22, /* one page cleared, or made executable */
    CAP_COST_END = 40,  /* one slot emptied, whatever depends on it looked for */
};
#define CAP_STEP_BUDGET 64

void cap_core_init(struct cap_core *core, coreid_t id, uintptr_t window, const struct cap_ops *ops,
                   void *context);

/* Kernel memory of an object. */
static inline void *cap_memory_at(const struct cap_core *core, paddr_t address)
{
    return (void *)(uintptr_t)(address + core->window);
}

/* A slot, and how its user named it. */
struct cap_ref {
    struct cap_slot *slot;
    cptr_t address; /* detail of errors */
    uint16_t level; /* enum cap_level: a slot of an L1CNode, or of an L2CNode (and others) */
    uint32_t room;  /* slots from this one to the end of its CNode */
};

/* Type, rights and flags at one glance. */
static inline uint32_t cap_head(const struct cap_slot *s)
{
    uint32_t head;

    __builtin_memcpy(&head, s, sizeof(head));
    return head & 0xffffff;
}

CLAIM(the_head_is_little_endian, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
CLAIM(the_head_is_type_rights_flags, offsetof(struct cap_slot, type) == 0 &&
                                         offsetof(struct cap_slot, rights) == 1 &&
                                         offsetof(struct cap_slot, flags) == 2);

/* In these states a capability cannot be used. */
#define CAP_UNUSABLE                                                                                         \
    ((unsigned)CAP_FLAG_IN_DELETION | CAP_FLAG_LOCKED | CAP_FLAG_CREATING | CAP_FLAG_QUARANTINED)

/* May one walk through this CNode of the type? */
static inline bool cap_is_passable(const struct cap_slot *cnode, unsigned type, unsigned rights)
{
    uint32_t mask = 0xff | rights << 8 | CAP_UNUSABLE << 16;

    return (cap_head(cnode) & mask) == (type | rights << 8);
}

/* The quick way to a slot of an L2CNode: NULL when anything stands in it. cap_lookup says what. */
static inline struct cap_slot *cap_find(const struct cap_core *core, const struct cap_slot *root,
                                        cptr_t address, unsigned rights)
{
    const struct cap_slot *l1;

    if (!cap_is_passable(root, CAP_TYPE_L1_CNODE, rights) ||
        address / CPTR_L2_SLOTS >= root->size / CAP_SLOT_BYTES) {
        return NULL;
    }
    l1 = (const struct cap_slot *)cap_memory_at(core, root->base) + address / CPTR_L2_SLOTS;
    if (!cap_is_passable(l1, CAP_TYPE_L2_CNODE, rights)) {
        return NULL;
    }
    return (struct cap_slot *)cap_memory_at(core, l1->base) + address % CPTR_L2_SLOTS;
}

static inline bool cap_is_usable(const struct cap_slot *s)
{
    return s->type != CAP_TYPE_NULL && !(s->flags & CAP_UNUSABLE);
}

/* The same for a capability that is there and can be used. */
static inline struct cap_slot *cap_find_source(const struct cap_core *core, const struct cap_slot *root,
                                               cptr_t address)
{
    struct cap_slot *s = cap_find(core, root, address, CAP_READ);

    return s != NULL && cap_is_usable(s) ? s : NULL;
}

/* Walks from the L1CNode in slot `root` to the slot that address and level name. `rights` (CAP_READ to use
 * what is there, CAP_WRITE to put something there) must be on every CNode passed. The slot may be empty, or
 * of any type, and in any state. Errors: CAP_ROOT_NOT_CNODE, CAP_BAD_LEVEL, CAP_L1_RANGE, CAP_EMPTY_SLOT and
 * CAP_WRONG_TYPE (the L1 slot; detail its address), CAP_MISSING_RIGHT, CAP_IN_DELETION. */
err_t cap_lookup(const struct cap_core *core, struct cap_slot *root, cptr_t address, unsigned level,
                 unsigned rights, struct cap_ref *out) MUST_USE;

/* The same for the source of an operation: the slot holds a capability that can be used now. Further errors:
 * CAP_EMPTY_SLOT, CAP_IN_DELETION, CAP_LOCKED. */
err_t cap_lookup_source(const struct cap_core *core, struct cap_slot *root, cptr_t address, unsigned level,
                        struct cap_ref *out) MUST_USE;

/* Can the capability be used now? CAP_EMPTY_SLOT, CAP_IN_DELETION, CAP_LOCKED. */
err_t cap_check_usable(const struct cap_ref *ref) MUST_USE;

/* Does bounded work on half-deleted objects. CAP_DONE: there is none left. */
enum cap_progress cap_work_step(struct cap_core *core, int *budget);

static inline bool cap_work_pending(const struct cap_core *core)
{
    return core->evicted != NULL || core->dying != NULL;
}

#endif
