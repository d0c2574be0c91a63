/* SPDX-License-Identifier: MIT */
/* The executable specification of capability operations on one core: what core/cap does, without trees,
 * links, budgets or steps, on one unsorted array. Slots are known by the physical address of their place. It
 * says what the answer is, what then exists, and which entries tables have; nothing about how. */
#ifndef CAP_TEST_SPEC_H
#define CAP_TEST_SPEC_H

#include <mudskipper/abi/invocation.h>
#include <mudskipper/abi/syscall.h>
#include <mudskipper/cap/types.h>
#include <mudskipper/pure/page_table.h>

struct spec_cap {
    uint64_t place; /* of its slot; 0: no capability */
    unsigned type;
    unsigned rights;
    uint32_t generation;
    uint64_t base;
    uint64_t size;
    uint64_t number;   /* badge of an endpoint, id of a Service or Handle, call of a Reply */
    uint64_t badge;    /* of a Handle; credits of an endpoint */
    unsigned owner;    /* core; of all copies the same, as the next two */
    uint64_t sharers;  /* cores that have copies */
    unsigned crossed;  /* rights that have left its core, or come from there */
    bool reclaim;      /* may carry the mark */
    bool reclaim_sure; /* it or a copy does */
    bool dying;        /* last capability to an object whose slots are being emptied */
    /* Mapping */
    uint64_t table;
    unsigned level;
    unsigned first;
    unsigned count;
    uint64_t offset; /* in the object */
    uint64_t at;     /* in the address space */
    uint64_t root;
    enum pt_memory memory;
    uint8_t *entry_rights; /* one per entry */
};

struct spec_machine {
    uint64_t ram;
    uint64_t ram_bytes;
    uint64_t device;
    uint64_t device_bytes;
    uint64_t vspace_bytes;
    unsigned held_slots; /* of a Dispatcher, from its first byte on */
    unsigned cores;      /* this is number 0 */
    uint64_t away;       /* memory of core 1, then of core 2, ... */
    uint64_t away_bytes;
};

struct spec {
    struct spec_machine machine;
    struct spec_cap *caps;
    unsigned count;
    unsigned room;
    uint32_t generation;
    const struct spec_cap *revoking;
    uint64_t revoking_from;
    uint64_t revoking_to;
};

/* Adds a capability as the kernel does at boot. */
struct spec_cap *spec_add(struct spec *s, const struct spec_cap *cap);
void spec_free(struct spec *s);

/* The capability at a place; NULL: the slot is empty. */
struct spec_cap *spec_at(const struct spec *s, uint64_t place);

/* SYS_INVOKE by whose root L1CNode is at place `root`: answer, and results in args. */
err_t spec_invoke(struct spec *s, uint64_t root, cptr_t target, unsigned operation, uint64_t args[SYS_ARGS]);

/* Entry `index` of the table at `table`. */
pte_t spec_entry(const struct spec *s, uint64_t table, unsigned index);

/* Is b a copy of a; does b descend from a? */
bool spec_copy_of(const struct spec_cap *a, const struct spec_cap *b);
bool spec_descends(const struct spec_cap *a, const struct spec_cap *b);

#endif
