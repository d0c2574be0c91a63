/* SPDX-License-Identifier: MIT */
#include "caps.h"
#include <mudskipper/cap/operations.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/page_table.h>
#include "core.h"
#include "dispatcher.h"
#include "end.h"
#include "message.h"

static void zero(void *context, paddr_t page)
{
    (void)context;
    hal_note_memory(page, PAGE_SIZE, HAL_MEMORY_DEFINED);
    mem_set(hal_p2v(page), 0, PAGE_SIZE);
}

/* Programs of no core have what a kernel keeps for itself. */
static coreid_t memory_owner(const struct core *core, paddr_t base, uint64_t bytes)
{
    coreid_t id = share_owner(&core->share, base, bytes);
    const struct core *other = id != SHARE_NOBODY ? core->cores[id] : core;

    return base < other->kernel_memory_end && base + bytes > other->kernel_memory ? CAP_OWNED_BY_NOBODY : id;
}

CLAIM(nobody_is_nobody, SHARE_NOBODY == CAP_OWNED_BY_NOBODY);

/* RAM is what is this core's, apart from the kernel's own; devices are core 0's. */
static enum cap_memory memory(void *context, paddr_t base, uint64_t bytes)
{
    const struct core *core = context;

    if (memory_owner(core, base, bytes) != core->id) {
        return CAP_MEMORY_OTHER;
    }
    return share_is_memory(&core->share, base, bytes) ? CAP_MEMORY_RAM : CAP_MEMORY_DEVICE;
}

static uint64_t vspace_bytes(void *context, paddr_t root)
{
    struct vspace_record *v = vspace_record_of(root);

    (void)context;
    return v->usable ? hal_vspace_size(&v->hal) : 0;
}

static void mapped(void *context, paddr_t root, uint64_t offset, uint64_t bytes)
{
    struct vspace_record *v = vspace_record_of(root);

    (void)context;
    if (v->usable) {
        hal_vspace_mapped(&v->hal, hal_vspace_base(&v->hal) + offset, bytes);
    }
}

static void unmapped(void *context, paddr_t root, uint64_t offset, uint64_t bytes)
{
    struct vspace_record *v = vspace_record_of(root);

    (void)context;
    if (v->usable) {
        hal_vspace_changed(&v->hal, hal_vspace_base(&v->hal) + offset, bytes);
    }
}

static void executable(void *context, paddr_t page)
{
    (void)context;
    hal_sync_code(page, PAGE_SIZE);
}

static void created(void *context, const struct cap_slot *s)
{
    (void)context;
    if (s->type == CAP_TYPE_VNODE_L0) {
        struct vspace_record *v = vspace_record_of(s->base);

        list_init(&v->users);
        v->usable = hal_vspace_init(&v->hal, s->base);
    } else if (s->type == CAP_TYPE_DISPATCHER) {
        dispatcher_init(dispatcher_of(s), s->size);
    }
}

/* Who runs in an address space that goes cannot go on. */
static void end_vspace(struct core *core, struct vspace_record *v)
{
    LIST_FOREACH_SAFE(node, &v->users)
    {
        end_dispatcher(core, CONTAINER_OF(node, struct dispatcher, vspace_node), EXIT_NO_VSPACE, EXIT_KILLED,
                       NULL);
    }
    if (v->usable) {
        v->usable = false;
        hal_vspace_destroy(&v->hal);
    }
}

static void end_object(struct core *core, struct dispatcher *d)
{
    end_dispatcher(core, d, EXIT_DELETED, EXIT_KILLED, NULL);
    message_forget_exit(d);
    if (core->current == d) {
        core->current = NULL; /* its memory may be used for something else before the next switch */
    }
}

static void ended(void *context, const struct cap_slot *s)
{
    struct core *core = context;

    switch (s->type) {
    case CAP_TYPE_DISPATCHER:
        end_object(core, dispatcher_of(s));
        break;
    case CAP_TYPE_VNODE_L0:
        end_vspace(core, vspace_record_of(s->base));
        break;
    case CAP_TYPE_ENDPOINT_LMP:
        if (s->endpoint.badge == 0) {
            message_forget_endpoint(core, endpoint_of(s));
        }
        break;
    case CAP_TYPE_REPLY:
        if (s->reply.message != 0) {
            message_fail(core, (struct message *)(uintptr_t)s->reply.message, err_make(ERR_PEER_GONE, 0));
        }
        break;
    case CAP_TYPE_IRQ:
        irq_forget_cap(core, s);
        break;
    case CAP_TYPE_NOTIFY:
        notify_forget_cap(core, s);
        break;
    default:
        break;
    }
}

static void placed(void *context, const struct cap_slot *s)
{
    (void)context;
    if (s->type == CAP_TYPE_REPLY && s->reply.message != 0) {
        struct message *m = (struct message *)(uintptr_t)s->reply.message;

        m->taker = (struct message **)(uintptr_t)&s->reply.message;
    }
}

static struct cap_slot *held(void *context, const struct cap_slot *s, unsigned *count)
{
    (void)context;
    if (s->type == CAP_TYPE_DISPATCHER) {
        struct dispatcher *d = dispatcher_of(s);

        *count = HELD_FIRST_MESSAGE + d->message_count;
        return d->slots;
    }
    *count = 1;
    return &endpoint_of(s)->deletion;
}

static void reclaim(void *context, const struct cap_slot *ancestor, uint64_t base, uint64_t bytes)
{
    (void)context;
    (void)ancestor;
    (void)base;
    (void)bytes; /* the mark in the slot says it; the memory manager looks when it runs short */
}

/* A checking tool may catch who still holds a pointer. */
static void unused(void *context, paddr_t base, uint64_t bytes)
{
    (void)context;
    hal_note_memory(base, bytes, HAL_MEMORY_FREE);
}

/* By the division of the machine; of numbers, by what they are numbers of. */
static coreid_t owner(void *context, uint64_t base, uint64_t bytes)
{
    const struct core *core = context;

    switch (base >> 56) {
    case CAP_SPACE_MEMORY:
        return memory_owner(core, base, bytes);
    case CAP_SPACE_KERNEL: {
        uint64_t id = base >> 48 & 0xff;
        return id < core->info->cores ? (coreid_t)id : CAP_OWNED_BY_NOBODY;
    }
    default:
        return 0; /* the boot core had all of them */
    }
}

static const struct cap_ops ops = {
    .zero = zero,
    .memory = memory,
    .vspace_bytes = vspace_bytes,
    .mapped = mapped,
    .unmapped = unmapped,
    .executable = executable,
    .created = created,
    .ended = ended,
    .placed = placed,
    .held = held,
    .reclaim = reclaim,
    .unused = unused,
    .owner = owner,
};

/* Core 0 has all that is no memory: its root spans everything, and `memory` says what is not its own. */
static uint32_t make_roots(struct core *core)
{
    struct share_part part = {0, PT_SPAN};
    uint32_t count = 0;

    while (core->id == 0 ? count == 0 : share_part(&core->share, core->id, count, &part)) {
        cap_create_act(
            &core->caps, &core->roots[count++],
            &(struct cap_origin){
                .type = CAP_TYPE_PHYS_ADDR, .rights = CAP_ALL_RIGHTS, .base = part.base, .size = part.bytes});
    }
    return count;
}

void caps_init(struct core *core)
{
    paddr_t some = core->kernel_memory;

    cap_core_init(&core->caps, core->id, (uintptr_t)hal_p2v(some) - some, &ops, core);
    core->caps.cores = core->info->cores;
    core->roots_count = make_roots(core);
}
