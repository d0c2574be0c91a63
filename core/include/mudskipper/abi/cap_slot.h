/* SPDX-License-Identifier: MIT */
/* The slot: where a capability lives. CNodes are arrays of slots in memory that only the kernel reads and
 * writes; its size is ABI (a CNode's size follows from it), its contents are shown by CNODE_IDENTIFY only.
 *
 *         0       1       2       3       4       5       6       7
 *       +-------+-------+-------+-------+-------+-------+-------+-------+
 *  0x00 | type  | rights| flags | owner |          generation           |
 *       +-------+-------+-------+-------+-------+-------+-------+-------+
 *  0x08 | base: first byte (or line, or number) that it names           |
 *  0x10 | size: how many                                                |
 *       +---------------------------------------------------------------+
 *  0x18 | word[0] \                                                     |
 *  0x20 | word[1]  | the type's own part, drawn at the union below      |
 *  0x28 | word[2]  |                                                    |
 *  0x30 | word[3]  |                                                    |
 *  0x38 | word[4] /                                                     |
 *       +---------------------------------------------------------------+
 *  0x40 | left     \                                                    |
 *  0x48 | right     | this core's tree of all slots                     |
 *  0x50 | parent   /                                                    |
 *  0x58 | prev     \  neighbours in its order                           |
 *  0x60 | next     /                                                    |
 *  0x68 | max_end: largest base+size in the subtree                     |
 *       +---------------------------------------------------------------+
 *  0x70 | sharers: one bit per core that holds copies, kept by the      |
 *       | owner in the first of its own · vspace: root table (Mapping)  |
 *  0x78 |balance| level |memory |crossed|          operation            |
 *       +-------+-------+-------+-------+-------------------------------+
 *
 * The first cache line says what the capability is, the second where it stands. A slot of type Null is all
 * zero, and zeroed memory is an array of empty slots. */
#ifndef MUDSKIPPER_ABI_CAP_SLOT_H
#define MUDSKIPPER_ABI_CAP_SLOT_H

#include <mudskipper/abi/cap.h>

/* Transient states are never seen at rest (C13), except RECLAIM. */
enum cap_flag {
    CAP_FLAG_LOCKED = 1u << 0,      /* a cross-core operation runs: everything else answers CAP_LOCKED */
    CAP_FLAG_IN_DELETION = 1u << 1, /* last capability to an object whose slots are being emptied */
    CAP_FLAG_HOME = 1u << 2,        /* IN_DELETION, and already lying in its own object */
    CAP_FLAG_CREATING = 1u << 3,    /* holds a place for a retype or map that has not finished */
    CAP_FLAG_RECLAIM = 1u << 4,     /* memory below it has become unused: CNODE_UNUSED tells what */
    CAP_FLAG_LINK = 1u << 5,        /* Mapping of a page table into its parent table */
    CAP_FLAG_MOVING = 1u << 6,      /* L1CNode: a resize has copied some of its slots; forbids nothing */
    CAP_FLAG_QUARANTINED =
        1u << 7, /* IN_DELETION: holds what other cores have, and waits until they have not */
};

struct cap_slot {
    uint8_t type;   /* enum cap_type */
    uint8_t rights; /* enum cap_right; of a Mapping: the most that its entries may give */
    uint8_t flags;  /* enum cap_flag */
    uint8_t owner;  /* core that keeps the sharer set and decides */
    /* Frame-like: 0, or how many capabilities of the same type and range it was retyped through; Mapping:
     * that of the mapped object; Service, Handle, Notify, Process: tells apart those that had the same number
     * in turn. */
    uint32_t generation;
    uint64_t base;
    uint64_t size;
    union {
        uint64_t word[5];
        struct {
            uint64_t badge; /* 0: the endpoint itself; set once */
            uint64_t credits;
        } endpoint;
        struct {
            uint64_t id;    /* of the service */
            uint64_t badge; /* Handle: of the client */
        } service;
        struct {
            uint64_t call;    /* which call it answers: never the same twice on one dispatcher */
            uint64_t message; /* the kernel's */
        } reply;
        struct {
            uint64_t entry;  /* physical address of the first entry */
            uint64_t pages;  /* offset in the object | count - 1; count: entries that are set, 1 .. 512 */
            uint64_t offset; /* of the first mapped byte in the address space */
            struct cap_slot *ring_next; /* ring of a table: its VNode capabilities and what is mapped in it */
            struct cap_slot *ring_prev;
        } mapping;
        struct {
            uint64_t unused[3];
            struct cap_slot *ring_next; /* as above */
            struct cap_slot *ring_prev;
        } vnode;
        struct {
            uint64_t unused; /* an endpoint keeps its badge, 0, and its place in the order */
            uint64_t peer;   /* MOVING: base of the other CNode */
            uint64_t cursor; /* IN_DELETION: slots below it are empty · MOVING: they have been copied */
            struct cap_slot *work_next; /* the core's work list */
            struct cap_slot *work_prev;
        } container;
        struct {
            uint64_t unused[3];
            uint64_t object_size;
            uint64_t zeroed; /* CREATING: everything from this address on is clear */
        } creating;
    };
    struct cap_slot *left;
    struct cap_slot *right;
    struct cap_slot *parent;
    struct cap_slot *prev;
    struct cap_slot *next;
    uint64_t max_end;
    union {
        uint64_t sharers;
        uint64_t vspace;
    };
    int8_t balance;     /* height of the right subtree - height of the left one */
    uint8_t level;      /* Mapping: of its table, 0 .. 3 */
    uint8_t memory;     /* Mapping: enum pt_memory */
    uint8_t crossed;    /* first of the copies: rights that have left this core, or come to it */
    uint32_t operation; /* of the cross-core protocol, while LOCKED */
};

CLAIM(a_slot_has_128_bytes, sizeof(struct cap_slot) == CAP_SLOT_BYTES);
CLAIM(words_at_0x18, offsetof(struct cap_slot, word) == 0x18);
CLAIM(tree_in_the_second_cache_line, offsetof(struct cap_slot, left) == 0x40);
CLAIM(sharers_at_0x70, offsetof(struct cap_slot, sharers) == 0x70);
CLAIM(rings_of_tables_and_mappings_are_one,
      offsetof(struct cap_slot, mapping.ring_next) == offsetof(struct cap_slot, vnode.ring_next));

#endif
