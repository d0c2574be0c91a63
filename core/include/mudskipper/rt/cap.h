/* SPDX-License-Identifier: MIT */
/* Invocations as functions. Each is one system call (a long one may be many steps inside the kernel), does
 * not block and is safe from any thread. What each operation does and refuses:
 * docs/reference/capabilities.md. Unless a name says otherwise slots are cptr_t of the caller's own space, at
 * the level of slots. */
#ifndef MUDSKIPPER_RT_CAP_H
#define MUDSKIPPER_RT_CAP_H

#include <mudskipper/abi/error.h>
#include <mudskipper/abi/invocation.h>
#include <mudskipper/abi/objects.h>
#include <mudskipper/abi/syscall.h>

/* ---- capability spaces
 * -------------------------------------------------------------------------------------------- */

MUST_USE err_t cap_copy(cptr_t from, cptr_t to);
MUST_USE err_t cap_move(cptr_t from, cptr_t to);

/* A copy with fewer rights. */
MUST_USE err_t cap_narrow(cptr_t from, cptr_t to, unsigned rights);

/* A sender's capability to an endpoint: messages through it arrive with this badge, which is not 0. */
MUST_USE err_t cap_badge(cptr_t endpoint, cptr_t to, uint64_t badge);

/* `count` objects of `bytes` each, from `offset` of the source on, into consecutive slots. */
MUST_USE err_t cap_retype(cptr_t from, uint64_t offset, enum cap_type type, uint64_t bytes, uint64_t count,
                          cptr_t to);

/* A Service, number `number`, on an endpoint of one's own; a Handle of a Service, for a client that will be
 * known by `client`: calls through it arrive with the badge RPC_BADGE(number, client). */
MUST_USE err_t cap_service(cptr_t endpoint, uint32_t number, cptr_t to);
MUST_USE err_t cap_handle(cptr_t service, uint32_t client, cptr_t to);

MUST_USE err_t cap_delete(cptr_t slot);
MUST_USE err_t cap_revoke(cptr_t slot);

/* Deletes what was retyped from a part of the range. */
MUST_USE err_t cap_revoke_range(cptr_t slot, uint64_t offset, uint64_t bytes);

/* The first part at or behind offset `from` that nothing was retyped from; *bytes 0: there is none. */
MUST_USE err_t cap_unused(cptr_t slot, uint64_t from, uint64_t *offset, uint64_t *bytes);

struct cap_identity {
    enum cap_type type;
    unsigned rights;
    unsigned owner;
    uint64_t base; /* 0 without CAP_IDENTIFY, and so is what follows */
    uint64_t bytes;
    uint64_t words[3];
};

MUST_USE err_t cap_identify(cptr_t slot, struct cap_identity *identity);

/* The same in another space: `root` names its L1CNode here, `place` is made by CAP_PLACE. */
MUST_USE err_t cap_identify_in(cptr_t root, uint64_t place, struct cap_identity *identity);

/* A copy of what stands in another space. */
MUST_USE err_t cap_copy_from(cptr_t root, uint64_t place, cptr_t to);
MUST_USE err_t cap_move_to(cptr_t from, cptr_t to_root, uint64_t to_place);
MUST_USE err_t cap_copy_to(cptr_t from, cptr_t to_root, uint64_t to_place);
MUST_USE err_t cap_narrow_to(cptr_t from, cptr_t to_root, uint64_t to_place, unsigned rights);
MUST_USE err_t cap_badge_to(cptr_t endpoint, cptr_t to_root, uint64_t to_place, uint64_t badge);
MUST_USE err_t cap_retype_to(cptr_t from, uint64_t offset, enum cap_type type, uint64_t bytes, uint64_t count,
                             cptr_t to_root, uint64_t to_place);
MUST_USE err_t cap_delete_in(cptr_t root, uint64_t place);

/* Makes the own root CNode as large as the (larger) one in `with`. */
MUST_USE err_t cap_grow_root(cptr_t with);

/* ---- page tables
 * -------------------------------------------------------------------------------------------------- */

/* Entries [first, first+count) of `table` for a table of the next level or pages of a Frame from `offset` on;
 * the Mapping goes into `mapping`, and deleting it unmaps. */
MUST_USE err_t cap_map(cptr_t table, cptr_t object, unsigned first, unsigned count, uint64_t offset,
                       unsigned rights, cptr_t mapping);
MUST_USE err_t cap_protect(cptr_t mapping, unsigned first, unsigned count, unsigned rights);
MUST_USE err_t cap_split_mapping(cptr_t mapping, unsigned at, cptr_t second);

struct vspace_info {
    vaddr_t base;
    uint64_t bytes;
    vaddr_t gate;
};

MUST_USE err_t cap_vspace_info(cptr_t root_table, struct vspace_info *info);

/* ---- dispatchers
 * -------------------------------------------------------------------------------------------------- */

struct dispatcher_setup {
    cptr_t root;
    cptr_t vspace;
    cptr_t user_part;
    cptr_t monitor; /* or CPTR_NULL */
    uint32_t process;
    const char *name;
};

MUST_USE err_t cap_dispatcher_setup(cptr_t dispatcher, const struct dispatcher_setup *setup);
MUST_USE err_t cap_dispatcher_start(cptr_t dispatcher, vaddr_t pc, vaddr_t sp, uint64_t argument,
                                    unsigned priority);
MUST_USE err_t cap_dispatcher_end(cptr_t dispatcher, uint32_t exit_code);
MUST_USE err_t cap_dispatcher_bind(cptr_t dispatcher, cptr_t endpoint);
MUST_USE err_t cap_dispatcher_suspend(cptr_t dispatcher);
MUST_USE err_t cap_dispatcher_continue(cptr_t dispatcher);
MUST_USE err_t cap_dispatcher_set_image(cptr_t dispatcher, vaddr_t image, uint64_t bytes);

struct dispatcher_info {
    enum dispatcher_status status;
    nanos_t cpu_time;
    uint32_t exit_code;
    unsigned priority;
    nanos_t ran; /* last; 0: never, or it runs for the first time */
};

MUST_USE err_t cap_dispatcher_info(cptr_t dispatcher, struct dispatcher_info *info);

/* The n-th call that it has open, counted from 0: which process has it, and the badge it came with.
 * NOT_FOUND: it has not so many. */
MUST_USE err_t cap_dispatcher_call(cptr_t dispatcher, unsigned n, uint32_t *server, uint64_t *badge);

/* ---- kernel
 * ------------------------------------------------------------------------------------------------------- */

MUST_USE err_t cap_log_read(cptr_t log, uint64_t *position, char text[LOG_WRITE_MAX], size_t *bytes);
MUST_USE err_t cap_kernel(cptr_t kernel, enum invocation_kernel operation, uint64_t operand);

/* A Notify of this core's channel `channel`, from SLOT_KERNEL. */
MUST_USE err_t cap_notify_make(unsigned channel, cptr_t to);
MUST_USE err_t cap_notify_bind(cptr_t notify, cptr_t dispatcher, unsigned bit);
MUST_USE err_t cap_notify_unbind(cptr_t notify);
MUST_USE err_t cap_notify_signal(cptr_t notify);

/* ---- other cores: for core servers, who have SLOT_KERNEL
 * -------------------------------------------------------------------------------------------------------- */

/* What a capability is, for another core: an opaque value made by cap_share of its owner. Who keeps it keeps
 * nothing: it is good for a capability only while the owner counts this core among the sharers. */
struct cap_across {
    uint64_t words[CAP_ACROSS_WORDS];
};

/* `core` will get a copy of what is in `slot`; it counts as a sharer until cap_unshare. */
MUST_USE err_t cap_share(cptr_t slot, coreid_t core, struct cap_across *what);

/* The copy on the other core. */
MUST_USE err_t cap_adopt(const struct cap_across *what, cptr_t to);

/* A copy of something that is on this core already: how its owner gets back what comes home. */
MUST_USE err_t cap_find(const struct cap_across *what, cptr_t to);

MUST_USE err_t cap_unshare(cptr_t slot, coreid_t core);

/* Deletes all copies of a foreign capability on this core but this one, and what was mapped through them. */
MUST_USE err_t cap_revoke_foreign(cptr_t slot);

/* Wakes the core server of `core`: channel number (this core) there. */
MUST_USE err_t cap_notify_core(coreid_t core);

#endif
