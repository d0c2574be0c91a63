/* SPDX-License-Identifier: MIT */
/* Random operations, many of them wrong, on core/cap and on its specification: the same answer, the same
 * capabilities, the same page tables after each; all walkers in between, with budgets so small that
 * everything is interrupted. */
#include "world.h"
#include "spec.h"

#define ROOT_PLACE   1u      /* places below 64 are the slots outside */
#define OPERATIONS   200000u /* in all; CAP_RANDOM_OPERATIONS */
#define SEEDS        4u      /* from 1, or CAP_RANDOM_SEED, on */
#define WORLD_LENGTH 1500u
#define MANY_CAPS    300u

struct run {
    struct world *w;
    struct spec spec;
    uint64_t seed; /* state of the generator */
    uint64_t first_seed;
    uint64_t refused;
    uint64_t accepted;
    uint64_t calls;
    bool specified; /* compared after every operation; otherwise half-deleted objects lie about, and only
                       walkers look */
    struct {
        uint64_t number; /* operation since the seed was sown */
        cptr_t target;
        unsigned operation;
        uint64_t args[SYS_ARGS];
        err_t got;
        err_t specified;
    } last;
};

static uint64_t below(struct run *r, uint64_t limit)
{
    return random_below(&r->seed, limit);
}

static void report(const struct run *r, const char *what, const struct spec_cap *c)
{
    print_error("CAP_RANDOM_SEED=%llu operation %llu: target 0x%x, operation %u, args",
                (unsigned long long)r->first_seed, (unsigned long long)r->last.number, r->last.target,
                r->last.operation);
    for (unsigned i = 1; i < 9; i++) {
        print_error(" %llx", (unsigned long long)r->last.args[i]);
    }
    print_error(": answer %u (%llx), specified %u (%llx)\n", r->last.got.code[0],
                (unsigned long long)r->last.got.detail, r->last.specified.code[0],
                (unsigned long long)r->last.specified.detail);
    if (c != NULL) {
        print_error("%s 0x%llx + 0x%llx at 0x%llx: ", cap_type_name(c->type), (unsigned long long)c->base,
                    (unsigned long long)c->size, (unsigned long long)c->place);
    }
    fail_msg("%s", what);
}

#define EXPECT(r, condition, c) ((condition) ? (void)0 : report(r, #condition, c))

/* ---- comparing
 * ---------------------------------------------------------------------------------------------------- */

static struct cap_slot *slot_at(struct world *w, uint64_t place)
{
    return place < 64 ? &w->outside[place - 1] : cap_memory_at(&w->core, place);
}

static uint64_t place_of(const struct world *w, const struct cap_slot *s)
{
    if (s >= w->outside && s < w->outside + OUTSIDE_SLOTS) {
        return (uint64_t)(s - w->outside) + 1;
    }
    return (uint64_t)(uintptr_t)s - w->core.window;
}

static void compare_mapping(const struct run *r, const struct spec_cap *c, const struct cap_slot *s)
{
    EXPECT(r, cap_mapping_table(s) == c->table, c);
    EXPECT(r, cap_mapping_first(s) == c->first, c);
    EXPECT(r, cap_mapping_count(s) == c->count, c);
    EXPECT(r, cap_mapping_object_offset(s) == c->offset, c);
    EXPECT(r, s->mapping.offset == c->at, c);
    EXPECT(r, s->vspace == c->root, c);
    EXPECT(r, !(s->flags & CAP_FLAG_LINK) == (c->entry_rights != NULL), c);
}

static void compare_cap(struct run *r, const struct spec_cap *c)
{
    const struct cap_slot *s = slot_at(r->w, c->place);

    EXPECT(r, s->type == c->type, c);
    EXPECT(r, s->rights == c->rights, c);
    EXPECT(r, s->base == c->base, c);
    EXPECT(r, s->size == c->size, c);
    if (cap_types[c->type].equality & CAP_EQUAL_GEN) {
        EXPECT(r, s->generation == c->generation, c);
    }
    if (c->type == CAP_TYPE_MAPPING) {
        compare_mapping(r, c, s);
    } else if (cap_type_shows(c->type, 0)) {
        EXPECT(r, s->word[0] == c->number, c);
        EXPECT(r, s->word[1] == c->badge, c);
    }
    EXPECT(r, !(s->flags & CAP_FLAG_RECLAIM) || c->reclaim, c);
}

/* One of several copies carries the mark. */
static void compare_marks(struct run *r)
{
    for (unsigned i = 0; i < r->spec.count; i++) {
        const struct spec_cap *c = &r->spec.caps[i];
        bool found = c->place == 0 || !c->reclaim_sure;

        for (unsigned k = 0; !found && k < r->spec.count; k++) {
            const struct spec_cap *d = &r->spec.caps[k];

            found = d->place != 0 && (d == c || spec_copy_of(c, d)) &&
                    (slot_at(r->w, d->place)->flags & CAP_FLAG_RECLAIM);
        }
        EXPECT(r, found, c);
    }
}

static void compare_table(struct run *r, const struct spec_cap *table)
{
    static pte_t expected[PT_ENTRIES];

    memset(expected, 0, sizeof(expected));
    for (unsigned i = 0; i < r->spec.count; i++) {
        const struct spec_cap *m = &r->spec.caps[i];

        for (unsigned k = 0;
             m->place != 0 && m->type == CAP_TYPE_MAPPING && m->table == table->base && k < m->count; k++) {
            expected[m->first + k] = spec_entry(&r->spec, table->base, m->first + k);
        }
    }
    EXPECT(r, memcmp(expected, cap_memory_at(&r->w->core, table->base), sizeof(expected)) == 0, table);
}

static void compare(struct run *r)
{
    uint64_t count = 0;

    for (unsigned i = 0; i < r->spec.count; i++) {
        const struct spec_cap *c = &r->spec.caps[i];

        if (c->place == 0) {
            continue;
        }
        count++;
        compare_cap(r, c);
        if (cap_type_has(c->type, CAP_TRAIT_TABLE)) {
            compare_table(r, c);
        }
    }
    EXPECT(r, r->w->core.db.count == count, NULL);
    compare_marks(r);
}

/* ---- choosing
 * ----------------------------------------------------------------------------------------------------- */

static void adopt(struct run *r)
{
    struct world *w = r->w;

    r->spec.machine =
        (struct spec_machine){RAM_BASE, RAM_BYTES, DEV_BASE, DEV_BYTES, VSPACE_SIZE, HELD_SLOTS};
    for (const struct cap_slot *s = mdb_first(&w->core.db); s != NULL; s = s->next) {
        spec_add(&r->spec, &(struct spec_cap){.place = place_of(w, s),
                                              .type = s->type,
                                              .rights = s->rights,
                                              .base = s->base,
                                              .size = s->size,
                                              .generation = s->generation});
    }
}

static void begin(struct run *r)
{
    static const int budgets[] = {1, 8, 40, CAP_STEP_BUDGET, 1000000};

    r->w = world_create();
    r->w->check = true;
    r->w->budget = budgets[below(r, ARRAY_LENGTH(budgets))];
    r->spec = (struct spec){.count = 0};
    adopt(r);
}

/* All ends with the capability outside, however the space is knotted, once what holds on to it from inside is
 * revoked. */
static void end(struct run *r)
{
    struct cap_ref ref = {&r->w->outside[OUTSIDE_ROOT], 0, CAP_LEVEL_SLOT, 1};
    int budget = 1;

    if (ref.slot->type != CAP_TYPE_NULL) {
        assert_ok(cap_revoke_check(&r->w->core, &ref));
        while (cap_revoke_act(&r->w->core, ref.slot, &budget) == CAP_AGAIN) {
            budget = 1;
        }
        assert_ok(cap_delete_check(&r->w->core, &ref));
        while (cap_delete_act(&r->w->core, ref.slot, &budget) == CAP_AGAIN) {
            budget = 1;
        }
        world_drain(r->w);
        world_check(r->w, true);
    }
    spec_free(&r->spec);
    world_destroy(r->w);
}

static cptr_t some_slot(struct run *r)
{
    return CPTR(below(r, 8) < 5 ? 0 : below(r, 4), below(r, 70));
}

static const struct cap_slot *peek(struct run *r, cptr_t address)
{
    struct cap_ref ref;
    err_t e = cap_lookup(&r->w->core, &r->w->outside[OUTSIDE_ROOT], address, CAP_LEVEL_SLOT, 0, &ref);

    return err_ok(e) ? ref.slot : NULL;
}

/* A slot with a capability of one of the types (a mask), mostly. */
static cptr_t some_cap(struct run *r, uint32_t types)
{
    cptr_t address = some_slot(r);

    for (unsigned i = 0; i < 200; i++) {
        const struct cap_slot *s = peek(r, address);

        if (s != NULL && s->type != CAP_TYPE_NULL && (types >> s->type & 1)) {
            break;
        }
        address = some_slot(r);
    }
    return address;
}

static cptr_t some_empty(struct run *r)
{
    cptr_t address = some_slot(r);

    for (unsigned i = 0; i < 20; i++) {
        const struct cap_slot *s = peek(r, address);

        if (s != NULL && s->type == CAP_TYPE_NULL && (address & 255) >= 40) {
            break;
        }
        address = some_slot(r);
    }
    return address;
}

#define ANY      UINT32_MAX
#define BIT(t)   (1u << CAP_TYPE_##t)
#define TABLES   (BIT(VNODE_L0) | BIT(VNODE_L1) | BIT(VNODE_L2) | BIT(VNODE_L3))
#define MAPPABLE (BIT(FRAME) | BIT(DEV_FRAME) | TABLES)
#define NESTING  (BIT(PHYS_ADDR) | BIT(RAM) | BIT(FRAME) | BIT(DEV_FRAME) | BIT(IRQ) | BIT(NAME_PREFIX))

static uint64_t some_place(struct run *r, cptr_t address)
{
    return below(r, 60) == 0 ? CAP_PLACE(address & ~255u, below(r, 4)) : CAP_PLACE_SLOT(address);
}

static unsigned some_type_from(struct run *r, unsigned source)
{
    unsigned type = (unsigned)below(r, CAP_TYPE_COUNT + 1);

    for (unsigned i = 0; i < 40 && (type == CAP_TYPE_COUNT || !cap_type_made_from(type, source)); i++) {
        type = (unsigned)below(r, CAP_TYPE_COUNT + (below(r, 50) == 0));
    }
    return type;
}

static uint64_t some_size(struct run *r, unsigned type)
{
    static const uint64_t pages[] = {1, 1, 1, 2, 3, 4, 8, 16, 512, 513};

    if (type >= CAP_TYPE_COUNT || cap_types[type].sizes == CAP_SIZES_SOURCE) {
        return below(r, 30) == 0;
    }
    if (!cap_type_has(type, CAP_TRAIT_MEMORY)) {
        return 1 + (below(r, 4) == 0 ? below(r, 40) : 0);
    }
    if (below(r, 40) == 0) {
        return below(r, 3) * 2048;
    }
    if (cap_types[type].smallest == cap_types[type].largest && below(r, 20) != 0) {
        return cap_types[type].smallest;
    }
    return PAGE_SIZE * pages[below(r, ARRAY_LENGTH(pages))];
}

static uint64_t some_offset(struct run *r, uint64_t size)
{
    uint64_t pages = size / PAGE_SIZE;

    switch (below(r, 8)) {
    case 0:
        return below(r, 2) * size;
    case 1:
        return pages > 512
                   ? (below(r, pages / 512) * 512 - (RAM_BASE + PAGE_SIZE + CAP_L2_BYTES) / PAGE_SIZE % 512) *
                         PAGE_SIZE % size
                   : 0;
    case 2:
        return below(r, size + 1);
    default:
        return pages > 0 ? below(r, pages < 64 ? pages : 64) * PAGE_SIZE : below(r, size);
    }
}

static void choose_retype(struct run *r, uint64_t *args)
{
    cptr_t from =
        some_cap(r, below(r, 3) == 0 ? BIT(RAM) | BIT(FRAME) : ANY & ~BIT(MAPPING) & ~BIT(REPLY) & ~TABLES);
    const struct cap_slot *s = peek(r, from);
    unsigned type = some_type_from(r, s != NULL ? s->type : 0);

    args[1] = some_place(r, from);
    args[3] = some_place(r, some_empty(r));
    args[4] = type;
    args[6] = some_size(r, type);
    args[7] = below(r, 3) == 0 ? below(r, 6) : 1;
    args[8] = 1 + below(r, 3);
    if (type == CAP_TYPE_L2_CNODE && below(r, 3) == 0) {
        args[3] = CAP_PLACE_CNODE(1 + below(r, 3));
    }
    if (type < CAP_TYPE_COUNT && cap_types[type].sizes == CAP_SIZES_SOURCE) {
        return;
    }
    args[5] = some_offset(r, s != NULL && s->size != 0 ? s->size : 0x10000);
    if (type == CAP_TYPE_NOTIFY || type == CAP_TYPE_PROCESS) {
        args[5] = below(r, 30) + (type == CAP_TYPE_NOTIFY ? CAP_KERNEL_NOTIFY : 0);
    }
    if (below(r, 25) == 0 && s != NULL) {
        args[5] = 0;
        args[6] = s->size;
    }
}

static cptr_t choose_map(struct run *r, uint64_t *args)
{
    unsigned level = below(r, 3) == 0 ? (unsigned)below(r, 4) : 2 + (unsigned)below(r, 2);
    uint32_t wanted = level < 2 || below(r, 5) == 0 ? 1u << (CAP_TYPE_VNODE_L1 + (level < 3 ? level : 2))
                                                    : BIT(FRAME) | BIT(DEV_FRAME);
    cptr_t object = some_cap(r, below(r, 30) == 0 ? ANY : wanted);
    const struct cap_slot *o = peek(r, object);
    bool link = o != NULL && cap_type_has(o->type, CAP_TRAIT_TABLE);

    args[1] = AT_ROOT;
    args[2] = some_place(r, object);
    args[3] = below(r, 30) == 0
                  ? random_next(&r->seed) >> below(r, 64)
                  : below(r, below(r, 4) == 0 ? 512 : 20) | (link ? 1 : 1 + below(r, 4) * below(r, 40)) << 16;
    if (link && level == 0 && below(r, 8) != 0) {
        args[3] = below(r, 2) | 1 << 16;
    }
    args[4] = link || below(r, 3) != 0 ? 0 : below(r, 40) * PAGE_SIZE - (below(r, 20) == 0);
    args[5] = link ? 0
              : below(r, 12) == 0
                  ? below(r, 1024)
                  : (below(r, 2) ? CAP_READ : CAP_READ | (below(r, 2) ? CAP_WRITE : CAP_EXECUTE));
    if (!link && below(r, 10) == 0) {
        args[5] |= 1 << 8;
    }
    args[6] = AT_ROOT;
    args[7] = some_place(r, some_empty(r));
    return some_cap(r, 1u << (CAP_TYPE_VNODE_L0 + level));
}

static cptr_t choose(struct run *r, unsigned *operation, uint64_t *args)
{
    bool full = r->w->core.db.count > MANY_CAPS;
    uint64_t dice = below(r, 128);

    memset(args, 0, SYS_ARGS * sizeof(args[0]));
    args[1] = some_place(r, some_cap(r, ANY));
    args[2] = below(r, 60) == 0 ? some_slot(r) : AT_ROOT;
    args[3] = some_place(r, some_empty(r));
    if (full && dice < 64) {
        dice = 56 + dice % 20;
    }
    if (dice < 12) {
        *operation = CNODE_COPY;
    } else if (dice < 20) {
        *operation = CNODE_MINT;
        args[4] = below(r, 3) != 0 ? CAP_ALL_RIGHTS : below(r, 64);
        args[7] = below(r, 3) != 0 ? 0 : below(r, 4);
        args[8] = below(r, 10);
        if (args[7] != 0) {
            args[1] = CAP_PLACE_SLOT(some_cap(r, BIT(ENDPOINT_LMP)));
        } else if (below(r, 3) == 0) {
            args[1] = CAP_PLACE_SLOT(some_cap(r, NESTING));
            args[5] = below(r, 20) * PAGE_SIZE;
            args[6] = (1 + below(r, 4)) * PAGE_SIZE;
        }
    } else if (dice < 27) {
        *operation = CNODE_MOVE;
    } else if (dice < 60) {
        *operation = CNODE_RETYPE;
        choose_retype(r, args);
    } else if (dice < 75) {
        *operation = CNODE_DELETE;
        args[1] =
            some_place(r, some_cap(r, below(r, 20) == 0 ? ANY : ANY & ~BIT(PHYS_ADDR) & ~BIT(L1_CNODE)));
        if (below(r, 40) == 0) {
            args[1] = CAP_PLACE_CNODE(below(r, 30) == 0 ? 0 : 1 + below(r, 3));
        }
    } else if (dice < 77) {
        *operation = CNODE_REVOKE;
        args[1] = CAP_PLACE_SLOT(
            some_cap(r, below(r, 10) == 0 ? ANY : ANY & ~BIT(PHYS_ADDR) & ~BIT(RAM) & ~BIT(L1_CNODE)));
    } else if (dice < 81) {
        *operation = CNODE_REVOKE_RANGE;
        args[1] = CAP_PLACE_SLOT(some_cap(r, NESTING));
        args[2] = below(r, 64) * PAGE_SIZE;
        args[3] = below(r, 16) * PAGE_SIZE;
    } else if (dice < 84) {
        *operation = CNODE_IDENTIFY;
    } else if (dice < 88) {
        *operation = CNODE_UNUSED;
        args[1] = CAP_PLACE_SLOT(some_cap(r, NESTING));
        args[2] = below(r, 3) == 0 ? 0 : below(r, 80) * PAGE_SIZE;
    } else if (dice < 89) {
        *operation = CNODE_RESIZE;
        args[1] = CAP_PLACE_SLOT(some_cap(r, BIT(L1_CNODE)));
        return some_cap(r, BIT(L1_CNODE));
    } else if (dice < 90) {
        *operation = (unsigned)below(r, 12);
        return some_cap(r, ANY & ~BIT(KERNEL));
    } else if (dice < 118) {
        *operation = VNODE_MAP;
        return choose_map(r, args);
    } else if (dice < 124) {
        *operation = MAPPING_PROTECT;
        args[1] = below(r, 8) | (1 + below(r, 8)) << 16;
        args[2] = below(r, 8);
        return some_cap(r, BIT(MAPPING));
    } else {
        *operation = MAPPING_SPLIT;
        args[1] = below(r, 10);
        args[2] = AT_ROOT;
        return some_cap(r, BIT(MAPPING));
    }
    return AT_ROOT;
}

static bool usable(struct run *r)
{
    const struct cap_slot *root =
        r->w->outside[OUTSIDE_ROOT].type == CAP_TYPE_L1_CNODE ? peek(r, AT_ROOT) : NULL;

    return root != NULL && root->type == CAP_TYPE_L1_CNODE;
}

/* The slot that an operation on an L1CNode works on. */
static const struct cap_slot *operand(struct run *r, cptr_t target, uint64_t place)
{
    const struct cap_slot *cnode = peek(r, target);
    struct cap_ref ref;

    if (cnode == NULL || cnode->type != CAP_TYPE_L1_CNODE ||
        !err_ok(cap_lookup(&r->w->core, (struct cap_slot *)cnode, (cptr_t)place, (unsigned)(place >> 32), 0,
                           &ref))) {
        return NULL;
    }
    return ref.slot;
}

/* A revoke that takes away its own slot (or what leads to it) ends when that is gone: how much is left then
 * is not specified. */
static bool undercut(struct run *r, unsigned operation, cptr_t target, uint64_t place)
{
    const struct cap_slot *s;

    if (operation != CNODE_REVOKE && operation != CNODE_REVOKE_RANGE) {
        return false;
    }
    s = usable(r) ? operand(r, target, place) : NULL;
    return s == NULL || s->type == CAP_TYPE_NULL;
}

static void compare_results(const struct run *r, const uint64_t *args, const uint64_t *specified)
{
    bool identify = r->last.operation == CNODE_IDENTIFY;

    if (err_ok(r->last.got) && r->last.target == AT_ROOT && (identify || r->last.operation == CNODE_UNUSED)) {
        EXPECT(r, (args[1] & ~(identify ? (uint64_t)0xffff << 16 : 0)) == specified[1], NULL);
        EXPECT(r, args[2] == specified[2], NULL);
    }
}

/* What happens later, half-deleted objects and all, happens now. */
static void settle(struct run *r)
{
    world_drain(r->w);
    world_check(r->w, true);
    compare(r);
}

/* One operation on both. False: the world is not good for anything any more. */
static bool apply(struct run *r)
{
    uint64_t args[SYS_ARGS];
    uint64_t specified[SYS_ARGS];

    r->last.number++;
    memcpy(specified, r->last.args, sizeof(args));
    memcpy(args, r->last.args, sizeof(args));
    if (r->specified) {
        r->last.specified = spec_invoke(&r->spec, ROOT_PLACE, r->last.target, r->last.operation, specified);
    }
    r->last.got = world_invoke(r->w, r->last.target, r->last.operation, args);
    r->accepted += err_ok(r->last.got);
    r->refused += !err_ok(r->last.got);
    if (!r->specified) {
        return usable(r);
    }
    if (err_ok(r->last.specified) && undercut(r, r->last.operation, r->last.target, r->last.args[1])) {
        world_drain(r->w);
        world_check(r->w, true);
        return false;
    }
    EXPECT(r, r->last.got.code[0] == r->last.specified.code[0], NULL);
    EXPECT(r, r->last.got.detail == r->last.specified.detail, NULL);
    compare_results(r, args, specified);
    settle(r);
    return usable(r);
}

static void retype(struct run *r, cptr_t from, cptr_t to, unsigned type, uint64_t offset, uint64_t size,
                   uint64_t count)
{
    r->last.target = AT_ROOT;
    r->last.operation = CNODE_RETYPE;
    memcpy(
        r->last.args,
        (uint64_t[SYS_ARGS]){0, CAP_PLACE_SLOT(from), AT_ROOT, CAP_PLACE_SLOT(to), type, offset, size, count},
        sizeof(r->last.args));
    assert_true(apply(r) && err_ok(r->last.got));
}

static void link_table(struct run *r, cptr_t parent, cptr_t table, cptr_t to)
{
    r->last.target = parent;
    r->last.operation = VNODE_MAP;
    memcpy(
        r->last.args,
        (uint64_t[SYS_ARGS]){0, AT_ROOT, CAP_PLACE_SLOT(table), 1 << 16, 0, 0, AT_ROOT, CAP_PLACE_SLOT(to)},
        sizeof(r->last.args));
    assert_true(apply(r) && err_ok(r->last.got));
}

/* An address space and something to map in it, which chance alone would hardly build. */
static void furnish(struct run *r)
{
    uint64_t aligned = RAM_BASE + 2 * 0x200000 - peek(r, AT_RAM)->base;

    retype(r, AT_RAM, 41, CAP_TYPE_RAM, 0, 0x100000, 1);
    retype(r, 41, 42, CAP_TYPE_VNODE_L0, 0, CAP_VNODE_L0_BYTES, 1);
    retype(r, 41, 43, CAP_TYPE_VNODE_L1, 0x4000, PAGE_SIZE, 1);
    retype(r, 41, 44, CAP_TYPE_VNODE_L2, 0x5000, PAGE_SIZE, 1);
    retype(r, 41, 45, CAP_TYPE_VNODE_L3, 0x6000, PAGE_SIZE, 2);
    link_table(r, 42, 43, 47);
    link_table(r, 43, 44, 48);
    link_table(r, 44, 45, 49);
    retype(r, 41, 50, CAP_TYPE_FRAME, 0x10000, 0x40000, 2);
    retype(r, AT_RAM, 52, CAP_TYPE_FRAME, aligned, 0x210000, 1);
    retype(r, AT_PHYS, 53, CAP_TYPE_DEV_FRAME, RAM_BYTES, 0x20000, 2);
    retype(r, 41, CPTR(0, 60), CAP_TYPE_L2_CNODE, 0x90000, CAP_L2_BYTES, 2);
    retype(r, 41, CPTR(0, 62), CAP_TYPE_DISPATCHER, 0xa0000, CAP_DISPATCHER_BYTES, 2);
    retype(r, 41, CPTR(0, 64), CAP_TYPE_ENDPOINT_LMP, 0xa8000, PAGE_SIZE, 2);
}

/* What the kernel does by itself: a dispatcher's own slots, and Replies to its calls. */
static void kernel_act(struct run *r)
{
    const struct cap_slot *d = peek(r, some_cap(r, BIT(DISPATCHER)));
    cptr_t address = some_cap(r, ANY & ~BIT(MAPPING) & ~BIT(REPLY));
    const struct cap_slot *from = peek(r, address);
    cptr_t to = some_empty(r);
    const struct cap_slot *empty = peek(r, to);
    struct cap_slot *held;

    if (d == NULL || d->type != CAP_TYPE_DISPATCHER || (d->flags & CAP_UNUSABLE)) {
        return;
    }
    held = (struct cap_slot *)cap_memory_at(&r->w->core, d->base) + 1 + below(r, HELD_SLOTS - 1);
    if (held->type == CAP_TYPE_NULL && from != NULL && cap_is_usable(from) &&
        !cap_type_has(from->type, CAP_TRAIT_UNIQUE)) {
        if (r->specified) {
            struct spec_cap copy = *spec_at(&r->spec, place_of(r->w, from));

            copy.place = place_of(r->w, held);
            spec_add(&r->spec, &copy);
        }
        cap_copy_act(&r->w->core, &(struct cap_copy){{(struct cap_slot *)from, 0, CAP_LEVEL_SLOT, 1},
                                                     {held, 0, CAP_LEVEL_SLOT, 1}});
    } else if (empty != NULL && empty->type == CAP_TYPE_NULL) {
        struct cap_origin reply = {.type = CAP_TYPE_REPLY,
                                   .rights = CAP_ALL_RIGHTS,
                                   .base = d->base,
                                   .size = d->size,
                                   .word0 = ++r->calls};

        spec_add(&r->spec, &(struct spec_cap){.place = place_of(r->w, empty),
                                              .type = CAP_TYPE_REPLY,
                                              .rights = CAP_ALL_RIGHTS,
                                              .base = d->base,
                                              .size = d->size,
                                              .number = r->calls});
        cap_create_act(&r->w->core, (struct cap_slot *)empty, &reply);
    }
}

static void run_seed(uint64_t seed, unsigned operations)
{
    struct run r = {.seed = seed, .first_seed = seed};
    unsigned done = 0;

    while (done < operations) {
        bool alive = true;

        begin(&r);
        r.specified = true;
        furnish(&r);
        r.specified = below(&r, 4) != 0;
        for (unsigned i = 0; i < WORLD_LENGTH && done < operations && alive; i++, done++) {
            if (below(&r, 20) == 0) {
                kernel_act(&r);
            }
            r.last.target = choose(&r, &r.last.operation, r.last.args);
            alive = apply(&r);
        }
        end(&r);
    }
    print_message("# seed %llu: %llu accepted, %llu refused\n", (unsigned long long)seed,
                  (unsigned long long)r.accepted, (unsigned long long)r.refused);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 0) : otherwise;
}

static void agrees(void **state)
{
    uint64_t first = setting("CAP_RANDOM_SEED", 1);
    uint64_t operations = setting("CAP_RANDOM_OPERATIONS", OPERATIONS);

    (void)state;
    for (uint64_t seed = first; seed < first + SEEDS; seed++) {
        run_seed(seed, (unsigned)(operations / SEEDS));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("CAP-SPEC-001 random operations do what the specification says, whatever the budget", agrees),
    };

    return cmocka_run_group_tests_name("caps: specification", tests, NULL, NULL);
}
