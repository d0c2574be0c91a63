/* SPDX-License-Identifier: MIT */
#include "world.h"

static void zero(void *context, paddr_t page)
{
    struct world *w = context;

    memset(cap_memory_at(&w->core, page), 0, PAGE_SIZE);
    w->zeroed++;
}

static enum cap_memory memory_kind(void *context, paddr_t base, uint64_t bytes)
{
    (void)context;
    if (base >= RAM_BASE && base + bytes <= RAM_BASE + RAM_BYTES) {
        return CAP_MEMORY_RAM;
    }
    return base >= DEV_BASE && base + bytes <= DEV_BASE + DEV_BYTES ? CAP_MEMORY_DEVICE : CAP_MEMORY_OTHER;
}

static uint64_t vspace_bytes(void *context, paddr_t root)
{
    (void)context;
    (void)root;
    return VSPACE_SIZE;
}

static void mapped(void *context, paddr_t root, uint64_t offset, uint64_t bytes)
{
    struct world *w = context;

    (void)root;
    w->mapped++;
    w->last_offset = offset;
    w->last_bytes = bytes;
}

static void unmapped(void *context, paddr_t root, uint64_t offset, uint64_t bytes)
{
    struct world *w = context;

    (void)root;
    w->unmapped++;
    w->last_offset = offset;
    w->last_bytes = bytes;
}

static void executable(void *context, paddr_t page)
{
    struct world *w = context;

    (void)page;
    w->executable++;
}

/* A new object's memory is clear, whatever was there. */
static void created(void *context, const struct cap_slot *s)
{
    struct world *w = context;

    w->created++;
    if (cap_type_has(s->type, CAP_TRAIT_ZEROED) && s->generation == 0 && s->size <= 65536) {
        const uint64_t *words = cap_memory_at(&w->core, s->base);

        for (uint64_t i = 0; w->check && i < s->size / sizeof(uint64_t); i++) {
            assert_int_equal(words[i], 0);
        }
    }
}

static void ended(void *context, const struct cap_slot *s)
{
    struct world *w = context;

    w->ended++;
    w->last_ended = *s;
}

static void placed(void *context, const struct cap_slot *s)
{
    struct world *w = context;

    (void)s;
    w->placed++;
}

static struct cap_slot *held(void *context, const struct cap_slot *s, unsigned *count)
{
    struct world *w = context;

    *count = s->type == CAP_TYPE_DISPATCHER ? HELD_SLOTS : 0;
    return cap_memory_at(&w->core, s->base);
}

static void reclaim(void *context, const struct cap_slot *ancestor, uint64_t base, uint64_t bytes)
{
    struct world *w = context;

    assert_true(base >= ancestor->base && base + bytes <= cap_end(ancestor));
    w->reclaimed++;
}

/* Whoever still looks at it finds nonsense. */
static void unused(void *context, paddr_t base, uint64_t bytes)
{
    struct world *w = context;

    if (bytes <= 65536) {
        memset(cap_memory_at(&w->core, base), 0xdb, bytes);
    }
}

static coreid_t owner(void *context, uint64_t base, uint64_t bytes)
{
    uint64_t space = base >> 56;

    (void)context;
    if (space == CAP_SPACE_KERNEL) {
        return (base >> 48 & 0xff) < WORLD_CORES ? (coreid_t)(base >> 48 & 0xff) : CAP_OWNED_BY_NOBODY;
    }
    if (space != CAP_SPACE_MEMORY || base + bytes <= RAM_BASE + PHYS_BYTES) {
        return 0;
    }
    for (coreid_t core = 1; core < WORLD_CORES; core++) {
        if (base >= AWAY_BASE(core) && base + bytes <= AWAY_BASE(core) + AWAY_BYTES) {
            return core;
        }
    }
    return CAP_OWNED_BY_NOBODY;
}

static const struct cap_ops ops = {
    .zero = zero,
    .memory = memory_kind,
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

static void create(struct world *w, struct cap_slot *slot, enum cap_type type, uint64_t base, uint64_t size)
{
    cap_create_act(&w->core, slot,
                   &(struct cap_origin){.type = type, .rights = CAP_ALL_RIGHTS, .base = base, .size = size});
}

static void move_in(struct world *w, enum outside from, cptr_t to)
{
    cap_move_act(&w->core, &(struct cap_copy){{&w->outside[from], 0, CAP_LEVEL_SLOT, 1}, world_ref(w, to)});
}

struct world *world_create(void)
{
    struct world *w = calloc(1, sizeof(*w));
    uint64_t own = PAGE_SIZE + CAP_L2_BYTES;
    struct cap_slot *l1;

    assert_non_null(w);
    w->memory = aligned_alloc(PAGE_SIZE, RAM_BYTES);
    assert_non_null(w->memory);
    memset(w->memory, 0xa5, RAM_BYTES);
    memset(w->memory, 0, own);
    w->budget = CAP_STEP_BUDGET;
    cap_core_init(&w->core, 0, (uintptr_t)w->memory - RAM_BASE, &ops, w);
    w->core.cores = WORLD_CORES;

    create(w, &w->outside[OUTSIDE_PHYS], CAP_TYPE_PHYS_ADDR, RAM_BASE, PHYS_BYTES);
    create(w, &w->outside[OUTSIDE_ROOT], CAP_TYPE_L1_CNODE, RAM_BASE, PAGE_SIZE);
    l1 = cap_memory_at(&w->core, RAM_BASE);
    create(w, &l1[0], CAP_TYPE_L2_CNODE, RAM_BASE + PAGE_SIZE, CAP_L2_BYTES);
    create(w, world_slot(w, AT_RAM), CAP_TYPE_RAM, RAM_BASE + own, RAM_BYTES - own);
    create(w, world_slot(w, AT_KERNEL), CAP_TYPE_KERNEL, CAP_KERNEL_BASE(0), CAP_KERNEL_SIZE);
    create(w, world_slot(w, AT_IRQ), CAP_TYPE_IRQ, CAP_SPACE(CAP_SPACE_IRQ), 256);
    create(w, world_slot(w, AT_NAMES), CAP_TYPE_NAME_PREFIX, CAP_SPACE(CAP_SPACE_NAME), (uint64_t)1 << 40);
    move_in(w, OUTSIDE_PHYS, AT_PHYS);
    cap_copy_act(&w->core, &(struct cap_copy){{&w->outside[OUTSIDE_ROOT], 0, CAP_LEVEL_SLOT, 1},
                                              world_ref(w, AT_ROOT)});
    return w;
}

void world_destroy(struct world *w)
{
    free(w->memory);
    free(w);
}

void world_check(const struct world *w, bool at_rest)
{
    struct cap_outside outside = {w->outside, OUTSIDE_SLOTS};
    struct cap_report r = cap_validate(&w->core, &outside, at_rest);

    if (r.wrong != NULL) {
        if (r.where != NULL) {
            print_error("%s 0x%llx + 0x%llx: ", cap_type_name(r.where->type),
                        (unsigned long long)r.where->base, (unsigned long long)r.where->size);
        }
        fail_msg("%s", r.wrong);
    }
}

static enum cap_progress step(struct world *w, struct cap_invocation *i)
{
    enum cap_progress p;

    i->budget = w->budget;
    p = cap_invoke(&w->core, i);
    if (w->check) {
        world_check(w, false);
    }
    return p;
}

err_t world_invoke(struct world *w, cptr_t target, unsigned operation, uint64_t args[SYS_ARGS])
{
    struct cap_invocation i = {.root = &w->outside[OUTSIDE_ROOT], .operation = operation, .args = args};

    for (uint64_t rounds = 0;; rounds++) {
        i.error = cap_lookup_source(&w->core, i.root, target, CAP_LEVEL_SLOT, &i.target);
        if (err_is(i.error, ERR_CAP_IN_DELETION)) {
            world_drain(w);
            continue;
        }
        if (!err_ok(i.error) || step(w, &i) == CAP_DONE) {
            break;
        }
        w->again++;
        assert_true(rounds < 10000000); /* every step gets on */
    }
    return i.error;
}

void world_drain(struct world *w)
{
    enum cap_progress p;

    do {
        int budget = w->budget;

        p = cap_work_step(&w->core, &budget);
        if (w->check) {
            world_check(w, false);
        }
    } while (p == CAP_AGAIN);
}

struct cap_ref world_ref(struct world *w, cptr_t address)
{
    struct cap_ref ref = {0};

    assert_ok(cap_lookup(&w->core, &w->outside[OUTSIDE_ROOT], address, CAP_LEVEL_SLOT, 0, &ref));
    return ref;
}

struct cap_slot *world_slot(struct world *w, cptr_t address)
{
    return world_ref(w, address).slot;
}

err_t do_copy(struct world *w, cptr_t from, cptr_t to)
{
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(from), AT_ROOT, CAP_PLACE_SLOT(to)};

    return world_invoke(w, AT_ROOT, CNODE_COPY, args);
}

err_t do_move(struct world *w, cptr_t from, cptr_t to)
{
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(from), AT_ROOT, CAP_PLACE_SLOT(to)};

    return world_invoke(w, AT_ROOT, CNODE_MOVE, args);
}

err_t do_mint(struct world *w, cptr_t from, cptr_t to, uint64_t rights, uint64_t badge)
{
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(from), AT_ROOT, CAP_PLACE_SLOT(to), rights, 0, 0, badge, 4};

    return world_invoke(w, AT_ROOT, CNODE_MINT, args);
}

err_t do_retype(struct world *w, cptr_t from, cptr_t to, unsigned type, uint64_t offset, uint64_t size,
                uint64_t count)
{
    uint64_t args[SYS_ARGS] = {
        0, CAP_PLACE_SLOT(from), AT_ROOT, CAP_PLACE_SLOT(to), type, offset, size, count, 7};

    return world_invoke(w, AT_ROOT, CNODE_RETYPE, args);
}

err_t do_delete(struct world *w, cptr_t slot)
{
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(slot)};

    return world_invoke(w, AT_ROOT, CNODE_DELETE, args);
}

err_t do_revoke(struct world *w, cptr_t slot)
{
    uint64_t args[SYS_ARGS] = {0, CAP_PLACE_SLOT(slot)};

    return world_invoke(w, AT_ROOT, CNODE_REVOKE, args);
}

err_t do_map(struct world *w, cptr_t table, cptr_t object, unsigned first, unsigned count, uint64_t offset,
             unsigned rights, cptr_t to)
{
    uint64_t args[SYS_ARGS] = {0,      AT_ROOT, CAP_PLACE_SLOT(object), first | (uint64_t)count << 16, offset,
                               rights, AT_ROOT, CAP_PLACE_SLOT(to)};

    return world_invoke(w, table, VNODE_MAP, args);
}
