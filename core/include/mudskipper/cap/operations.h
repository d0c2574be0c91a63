/* SPDX-License-Identifier: MIT */
/* Operations on capabilities. The rules of check and act stand in core.h; docs/reference/capabilities.md
 * tells each operation and each of its errors. All slots passed come from cap_lookup: "source" slots hold
 * usable capabilities. */
#ifndef MUDSKIPPER_CAP_OPERATIONS_H
#define MUDSKIPPER_CAP_OPERATIONS_H

#include <mudskipper/cap/core.h>

/* ---- one capability of the boot set, or of the kernel's own making: no user input, so no check ---- */

struct cap_origin {
    enum cap_type type;
    unsigned rights;
    uint64_t base;
    uint64_t size;
    uint32_t generation;
    uint64_t word0; /* Reply: number of the call */
    uint64_t word1;
    uint64_t sharers; /* types that cross: other cores that get the same */
    bool foreign;     /* a copy of what another core owns: */
    coreid_t owner;
};

/* `slot` is empty. A Reply has the range of its caller's Dispatcher. */
void cap_create_act(struct cap_core *core, struct cap_slot *slot, const struct cap_origin *origin);

/* ---- copy, mint, move ---- */

struct cap_copy {
    struct cap_ref source;
    struct cap_ref dest; /* empty slot */
};

err_t cap_copy_check(const struct cap_core *core, const struct cap_copy *c) MUST_USE;
void cap_copy_act(struct cap_core *core, const struct cap_copy *c);
err_t cap_move_check(const struct cap_core *core, const struct cap_copy *c) MUST_USE;
void cap_move_act(struct cap_core *core, const struct cap_copy *c);

/* A copy with fewer rights (still a copy), with a badge (a descendant), or of a part of the range (a
 * descendant). */
struct cap_mint {
    struct cap_ref source;
    struct cap_ref dest;
    unsigned rights;
    uint64_t offset; /* of the part */
    uint64_t bytes;  /* of the part; 0: the whole */
    uint64_t badge;  /* EndpointLMP; 0: none */
    uint64_t credits;
    struct cap_slot *next; /* from check to act, as in struct cap_retype */
};

err_t cap_mint_check(const struct cap_core *core, struct cap_mint *m) MUST_USE;
void cap_mint_act(struct cap_core *core, const struct cap_mint *m);

/* ---- retype ---- */

struct cap_retype {
    struct cap_ref source;
    struct cap_ref dest; /* first of `count` empty slots */
    unsigned type;
    unsigned rights; /* of the new capabilities, masked by the source's; CAP_ALL_RIGHTS keeps them */
    uint64_t offset; /* of the first object in the source */
    uint64_t size;   /* of each object; 0: the source's range (Service, Handle) */
    uint64_t count;
    uint64_t id;           /* Service: its number · Handle: its badge */
    struct cap_slot *next; /* from check to act: what stands behind them in the order */
};

err_t cap_retype_check(const struct cap_core *core, struct cap_retype *r) MUST_USE;
enum cap_progress cap_retype_act(struct cap_core *core, const struct cap_retype *r, int *budget);

/* ---- delete, revoke ---- */

/* What is deleted need not be usable: half-made capabilities can be deleted too. CAP_IN_DELETION: it has
 * been, and its slot will be empty after some steps of work. */
err_t cap_delete_check(const struct cap_core *core, const struct cap_ref *slot) MUST_USE;
enum cap_progress cap_delete_act(struct cap_core *core, struct cap_slot *slot, int *budget);

/* Deletes all copies and descendants; `slot` stays. When the slot itself lies in something that descends from
 * it, the revoke ends with it: the next check finds it empty. */
err_t cap_revoke_check(const struct cap_core *core, const struct cap_ref *slot) MUST_USE;
enum cap_progress cap_revoke_act(struct cap_core *core, struct cap_slot *slot, int *budget);

/* Deletes what was retyped from a part of the range; copies and Mappings of `slot` itself stay. */
struct cap_range {
    struct cap_ref slot;
    uint64_t offset;
    uint64_t bytes;
};

err_t cap_revoke_range_check(const struct cap_core *core, const struct cap_range *r) MUST_USE;
enum cap_progress cap_revoke_range_act(struct cap_core *core, const struct cap_range *r, int *budget);

/* ---- other cores: across.c tells the whole ---- */

/* What a capability is, for another core (abi/objects.h). `owner` is below 256, `type` and `rights` may be
 * anything. */
struct cap_identity {
    unsigned type;
    unsigned rights;
    unsigned owner;
    uint32_t generation;
    uint64_t base;
    uint64_t size;
    uint64_t word[2];
};

/* `core` gets a copy of what is in `slot`, or has none any more. */
struct cap_share {
    struct cap_ref slot;
    uint64_t core;
};

err_t cap_share_check(const struct cap_core *core, const struct cap_share *s) MUST_USE;
void cap_share_act(struct cap_core *core, const struct cap_share *s, struct cap_identity *what);
err_t cap_unshare_check(const struct cap_core *core, const struct cap_share *s) MUST_USE;
void cap_unshare_act(struct cap_core *core, const struct cap_share *s);

/* Adopt: what another core has shared with this one. Find: a further copy of what is here already. */
struct cap_adopt {
    struct cap_ref dest;
    struct cap_identity what;
    struct cap_slot *found; /* find: from check to act */
};

err_t cap_adopt_check(const struct cap_core *core, const struct cap_adopt *a) MUST_USE;
void cap_adopt_act(struct cap_core *core, const struct cap_adopt *a);
err_t cap_find_check(const struct cap_core *core, struct cap_adopt *a) MUST_USE;
void cap_find_act(struct cap_core *core, const struct cap_adopt *a);

/* Before cap_revoke_act on a foreign capability: what this core has of it, and below it, goes. */
err_t cap_revoke_foreign_check(const struct cap_core *core, const struct cap_ref *slot) MUST_USE;

/* ---- what is unused ---- */

/* The first part of `slot` at or behind offset `from` that nothing was retyped from: *offset and *bytes.
 * *bytes 0 with *offset < size: the budget was used up, ask again from *offset; with *offset == size: there
 * is none. Asking from the end on clears the RECLAIM mark of this slot: whoever scans does so first, and what
 * becomes unused meanwhile marks it again. CAP_WRONG_TYPE unless the type NESTS; CAP_FOREIGN. */
err_t cap_unused_check(const struct cap_core *core, const struct cap_ref *slot) MUST_USE;
void cap_unused_act(struct cap_core *core, struct cap_slot *slot, uint64_t from, uint64_t *offset,
                    uint64_t *bytes, int *budget);

/* ---- L1CNode ---- */

/* Makes the L1CNode behind `cnode` larger: what it holds is copied into the larger one behind `with` (where
 * something is there already, that stays), all capabilities to the first are made capabilities to the second,
 * and `with` becomes the one to the first. Deleting that gives its memory back. */
struct cap_resize {
    struct cap_ref cnode;
    struct cap_ref with;
};

err_t cap_resize_check(const struct cap_core *core, const struct cap_resize *r) MUST_USE;
enum cap_progress cap_resize_act(struct cap_core *core, const struct cap_resize *r, int *budget);

#endif
