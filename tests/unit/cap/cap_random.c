/* SPDX-License-Identifier: MIT */
/* Random operations, many of them wrong, on core/cap and on its specification: the same answer, the same
 * capabilities, the same page tables after each; all walkers in between, with budgets so small that
 * everything is interrupted. */
#include "cap_random.h"

#define ROOT_PLACE   1u      /* places below 64 are the slots outside */
#define OPERATIONS   200000u /* in all; CAP_RANDOM_OPERATIONS */
#define SEEDS        4u      /* from 1, or CAP_RANDOM_SEED, on */
#define WORLD_LENGTH 1500u

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
    EXPECT(r, s->owner == c->owner, c);
    if (cap_type_has(c->type, CAP_TRAIT_CROSSES)) {
        EXPECT(r, mdb_first_copy(&r->w->core.db, s)->sharers == c->sharers, c);
        EXPECT(r, mdb_first_copy(&r->w->core.db, s)->crossed == c->crossed, c);
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

    r->spec.machine = (struct spec_machine){RAM_BASE,   RAM_BYTES,   DEV_BASE,     DEV_BYTES, VSPACE_SIZE,
                                            HELD_SLOTS, WORLD_CORES, AWAY_BASE(0), AWAY_BYTES};
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

    if (err_ok(r->last.got) && r->last.target == AT_KERNEL && r->last.operation == KERNEL_SHARE) {
        EXPECT(r, memcmp(&args[2], &specified[2], CAP_ACROSS_WORDS * sizeof(args[0])) == 0, NULL);
    }
    if (err_ok(r->last.got) && r->last.target == AT_ROOT && (identify || r->last.operation == CNODE_UNUSED)) {
        EXPECT(r, (args[1] & ~(identify ? (uint64_t)0xff << 16 : 0)) == specified[1], NULL);
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

/* Other cores stopped a deletion in its middle: how far it had come, or what waits for them now, is not
 * specified. */
static bool held_up(const struct run *r)
{
    uint64_t count = 0;

    for (unsigned i = 0; i < r->spec.count; i++) {
        count += r->spec.caps[i].place != 0;
    }
    return r->w->core.stalled != NULL ||
           (err_is(r->last.got, ERR_CAP_SHARED) && r->w->core.db.count != count);
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
    world_drain(r->w);
    if (held_up(r) || ((err_ok(r->last.specified) || err_is(r->last.specified, ERR_CAP_SHARED)) &&
                       undercut(r, r->last.operation, r->last.target, r->last.args[1]))) {
        world_check(r->w, true);
        return false;
    }
    EXPECT(r, r->last.got.code[0] == r->last.specified.code[0], NULL);
    EXPECT(r, r->last.got.detail == r->last.specified.detail || err_is(r->last.got, ERR_CAP_SHARED), NULL);
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
