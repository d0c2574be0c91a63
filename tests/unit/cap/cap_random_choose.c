/* SPDX-License-Identifier: MIT */
/* What cap_random does next: mostly something that makes sense, often nearly so. */
#include "cap_random.h"

#define MANY_CAPS 300u

cptr_t some_slot(struct run *r)
{
    return CPTR(below(r, 8) < 5 ? 0 : below(r, 4), below(r, 70));
}

const struct cap_slot *peek(struct run *r, cptr_t address)
{
    struct cap_ref ref;
    err_t e = cap_lookup(&r->w->core, &r->w->outside[OUTSIDE_ROOT], address, CAP_LEVEL_SLOT, 0, &ref);

    return err_ok(e) ? ref.slot : NULL;
}

/* A slot with a capability of one of the types (a mask), mostly. */
cptr_t some_cap(struct run *r, uint32_t types)
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

cptr_t some_empty(struct run *r)
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

/* Memory of other cores at few places, so that it nests, crosses and comes again. */
static void some_identity(struct run *r, uint64_t *args)
{
    static const unsigned types[] = {CAP_TYPE_FRAME,   CAP_TYPE_RAM,      CAP_TYPE_DEV_FRAME,
                                     CAP_TYPE_SERVICE, CAP_TYPE_HANDLE,   CAP_TYPE_NOTIFY,
                                     CAP_TYPE_PROCESS, CAP_TYPE_PHYS_ADDR};
    unsigned type = below(r, 20) == 0 ? (unsigned)below(r, 30) : types[below(r, ARRAY_LENGTH(types))];
    coreid_t owner = (coreid_t)below(r, below(r, 20) == 0 ? 6 : 2) + 1;
    bool kernel = type == CAP_TYPE_NOTIFY || type == CAP_TYPE_PROCESS;

    args[2] = type | (below(r, 20) == 0 ? below(r, 128) : CAP_ALL_RIGHTS) << 8 | (uint64_t)owner << 24 |
              below(r, 2) << 32;
    args[3] = kernel
                  ? CAP_KERNEL_BASE(owner) + below(r, 4) + (type == CAP_TYPE_NOTIFY ? CAP_KERNEL_NOTIFY : 0)
                  : AWAY_BASE(owner) + below(r, 12) * PAGE_SIZE + below(r, 40) / 39;
    args[4] = kernel ? 1 : below(r, 8) * PAGE_SIZE;
    args[5] = type == CAP_TYPE_SERVICE || type == CAP_TYPE_HANDLE ? below(r, 3) : below(r, 30) / 29;
    args[6] = type == CAP_TYPE_HANDLE ? below(r, 3) : 0;
}

#define CROSSING                                                                                             \
    (BIT(PHYS_ADDR) | BIT(RAM) | BIT(FRAME) | BIT(DEV_FRAME) | BIT(SERVICE) | BIT(HANDLE) | BIT(NOTIFY) |    \
     BIT(IRQ) | BIT(PROCESS) | BIT(NAME_PREFIX))

/* Something shared, or foreign; or, `fresh`, something that may become shared. */
static cptr_t some_crossed(struct run *r, bool foreign, bool fresh)
{
    cptr_t address = some_cap(r, below(r, 20) == 0 ? ANY : CROSSING & ~BIT(PHYS_ADDR) & ~BIT(RAM));

    for (unsigned i = 0; i < 300 && !fresh; i++) {
        const struct cap_slot *s = peek(r, address);

        if (s != NULL && s->type != CAP_TYPE_NULL && cap_type_has(s->type, CAP_TRAIT_CROSSES) &&
            (foreign ? s->owner != 0 : mdb_first_copy(&r->w->core.db, s)->sharers != 0)) {
            break;
        }
        address = some_slot(r);
    }
    return address;
}

/* What there is, now and then with one word wrong. */
static void identify(struct run *r, cptr_t address, uint64_t *args)
{
    const struct cap_slot *s = peek(r, address);

    if (s == NULL || s->type == CAP_TYPE_NULL) {
        return;
    }
    args[2] = s->type | (uint64_t)(below(r, 3) == 0 ? below(r, 32) : s->rights) << 8 |
              (uint64_t)s->owner << 24 | (uint64_t)s->generation << 32;
    args[3] = s->base;
    args[4] = s->size;
    args[5] = s->word[0];
    args[6] = s->word[1];
    if (below(r, 10) == 0) {
        args[2 + below(r, CAP_ACROSS_WORDS)] += 1 + below(r, 4096);
    }
}

/* What core servers do. Most of what is shared is unshared soon: it holds up everything above it. */
static cptr_t choose_across(struct run *r, unsigned *operation, uint64_t *args)
{
    static const unsigned operations[] = {KERNEL_SHARE, KERNEL_UNSHARE, KERNEL_UNSHARE,       KERNEL_UNSHARE,
                                          KERNEL_ADOPT, KERNEL_FIND,    KERNEL_REVOKE_FOREIGN};

    const struct cap_slot *s;
    cptr_t address;

    *operation = operations[below(r, ARRAY_LENGTH(operations))];
    memset(args, 0, SYS_ARGS * sizeof(args[0]));
    if (*operation == KERNEL_ADOPT || *operation == KERNEL_FIND) {
        if (*operation == KERNEL_FIND && below(r, 4) != 0) {
            identify(r, some_crossed(r, below(r, 2) != 0, false), args);
        } else if (below(r, 3) == 0) {
            memcpy(&args[2], r->identities[below(r, IDENTITIES)], sizeof(r->identities[0]));
        } else {
            some_identity(r, args);
        }
        memcpy(r->identities[below(r, IDENTITIES)], &args[2], sizeof(r->identities[0]));
        args[1] = some_empty(r);
        return AT_KERNEL;
    }
    address = some_crossed(r, *operation == KERNEL_REVOKE_FOREIGN, *operation == KERNEL_SHARE);
    s = peek(r, address);
    args[1] = address;
    args[2] = *operation == KERNEL_REVOKE_FOREIGN ? 0 : 1 + below(r, 2 + below(r, 20) / 18);
    if (*operation == KERNEL_UNSHARE && s != NULL && cap_type_has(s->type, CAP_TRAIT_CROSSES)) {
        uint64_t sharers = mdb_first_copy(&r->w->core.db, s)->sharers;

        args[2] = sharers != 0 ? (uint64_t)__builtin_ctzll(sharers) : args[2];
    }
    return AT_KERNEL;
}

cptr_t choose(struct run *r, unsigned *operation, uint64_t *args)
{
    bool full = r->w->core.db.count > MANY_CAPS;
    uint64_t dice = below(r, 128);

    if (below(r, 12) == 0) {
        return choose_across(r, operation, args);
    }
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
        args[4] = below(r, 3) != 0 ? CAP_ALL_RIGHTS : below(r, 128);
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
        return some_cap(r, ANY);
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
