/* SPDX-License-Identifier: MIT */
/* Services that processes of this core have registered: the capabilities behind the names, on whichever core
 * these are owned. The caller holds names.mutex for all of it. */
#ifndef NAMES_OFFERS_H
#define NAMES_OFFERS_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/ns/name.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/tree.h>

struct held_offer {
    struct tree_node by_id;
    struct tree_node by_process; /* process, then name */
    uint64_t id;                 /* of the service, among all cores; never used twice */
    uint32_t process;
    unsigned claims; /* calls to the owner of the name that are under way */
    bool ended;      /* in no tree any more: dropped when the last of them is back */
    cptr_t service;
    char name[NS_NAME_MAX + 1];
};

/* Takes the capability, and its slot, on success. NAME_TAKEN: the process has registered it already, or waits
 * for it. NO_MEMORY. */
MUST_USE err_t offers_add(uint32_t process, const char *name, cptr_t service, struct held_offer **made);

/* NULL: there is none. */
struct held_offer *offers_find(uint64_t id);
struct held_offer *offers_of(uint32_t process, const char *name);

/* The first of a process; NULL: it has none. */
struct held_offer *offers_first_of(uint32_t process);

/* Forgets it; the Service, with its slot, is the caller's. */
cptr_t offers_take(struct held_offer *offer);

/* A claim is back: forgets an offer that ended meanwhile, and says so. */
bool offers_claimed(struct held_offer *offer);

/* Makes a Handle for a client, in an empty slot of ours. NOT_FOUND: there is no such service any more. */
MUST_USE err_t offers_handle(uint64_t id, uint32_t client, cptr_t *handle);

/* The walker: how many mistakes there are in these books, each a sentence for `sink`. */
size_t offers_check(format_sink_t sink, void *context);

#endif
