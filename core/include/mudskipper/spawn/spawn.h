/* SPDX-License-Identifier: MIT */
/* Making processes, from capabilities alone. Everything a process is made of is retyped from one piece of
 * RAM, which its maker keeps: revoking that piece ends the process wherever it is and gives all of its first
 * memory back.
 *
 * The child's capability space:
 *
 *   L1 slot 0   well-known and granted slots (abi/cap.h)
 *   L1 slot 1   page tables, Mappings and Frames it is made of (SLOT_L1_MADE); the rest is its own
 *
 * A process that cannot be completed is invisible: a failure undoes everything. The parent keeps the RAM,
 * a Dispatcher capability and one to the child's root CNode, nothing else. */
#ifndef MUDSKIPPER_SPAWN_SPAWN_H
#define MUDSKIPPER_SPAWN_SPAWN_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/abi/types.h>

struct spawn_grant {
    const char *name; /* in the start block; NULL: only in its slot */
    cptr_t from;      /* the parent's; the child gets a copy */
    cptr_t to;        /* well-known slot, or CPTR_NULL: the next of the granted ones */
    bool whole; /* the copy may be revoked, which ends the parent's own: for what is given away, not lent */
};

struct spawn_request {
    const void *elf; /* must not change meanwhile */
    size_t elf_bytes;
    const char *name; /* up to 31 bytes, for people */
    unsigned argc;
    const char *const *argv;
    unsigned envc;
    const char *const *envp;
    unsigned grants_count; /* at most 32 that have no well-known slot */
    const struct spawn_grant *grants;
    uint64_t stack_bytes; /* as far as it grows, if there is a SLOT_INIT to ask for memory; 0: 8 MiB, or
                             256 KiB at once */
    cptr_t monitor;       /* badged endpoint that is told of the end, or CPTR_NULL */
    uint32_t process;     /* its number */
    uint32_t core;
    unsigned priority;
    bool suspended; /* made, but not started: cap_dispatcher_start does it */
};

struct spawned {
    cptr_t ram;        /* all it is made of */
    cptr_t dispatcher; /* in a slot of the parent's */
    cptr_t root;       /* the child's root L1CNode, likewise: to look into its capability space */
    vaddr_t entry;
    vaddr_t stack_top;
    vaddr_t start_block;
};

/* Bytes of RAM that spawn will use. The file is checked here: ELF_*; OUT_OF_RANGE when image or stack are too
 * large for the layout of an address space. */
MUST_USE err_t spawn_bytes(const struct spawn_request *request, uint64_t *bytes);

/* `ram` holds at least spawn_bytes, with nothing retyped from it; it stays the caller's, and a failure leaves
 * it as it was. Errors: those of spawn_bytes and of capability operations (WHILE_SPAWN), LIMIT (too many
 * grants). */
MUST_USE err_t spawn(const struct spawn_request *request, cptr_t ram, struct spawned *out);

#endif
