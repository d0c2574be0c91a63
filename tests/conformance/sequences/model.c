/* SPDX-License-Identifier: MIT */
#include "../system/peer.h"
#include "sequence.h"

struct random source;
struct shared shared[SHARED_MAX];
volatile unsigned shared_count;

static uint8_t believed[SPACE_CNODES][SPACE_SLOTS];

#define ABSENT 31u /* no such slot: of no type */
CLAIM(it_is_none_of_the_types, CAP_TYPE_COUNT <= ABSENT);

static unsigned identify(uint64_t place, uint64_t *identity)
{
    uint64_t args[SYS_ARGS] = {[0] = SYS_TARGET(OWN_ROOT_TOO, CNODE_IDENTIFY), [1] = place};
    unsigned error = peer_call(args, SYS_INVOKE);

    *identity = args[1];
    return error;
}

unsigned model_type(cptr_t slot, unsigned *rights)
{
    uint64_t identity;
    bool there = identify(CAP_PLACE_SLOT(slot), &identity) == ERR_OK;

    *rights = there ? CAP_IDENTITY_RIGHTS(identity) : 0;
    return there ? CAP_IDENTITY_TYPE(identity) : CAP_TYPE_NULL;
}

static void look_at(unsigned cnode)
{
    uint64_t identity;
    unsigned rights;
    bool there = identify(CAP_PLACE_CNODE(cnode), &identity) == ERR_OK;

    for (unsigned slot = 0; slot < SPACE_SLOTS; slot++) {
        believed[cnode][slot] = (uint8_t)(there ? model_type(CPTR(cnode, slot), &rights) : ABSENT);
    }
}

bool model_look(void)
{
    for (unsigned cnode = 0; cnode < SPACE_CNODES; cnode++) {
        look_at(cnode);
    }
    return believed[0][OWN_ROOT_TOO] == CAP_TYPE_L1_CNODE;
}

bool model_can_look(void)
{
    unsigned rights;

    return model_type(OWN_ROOT_TOO, &rights) == CAP_TYPE_L1_CNODE;
}

bool one_in(unsigned n)
{
    return random_below(&source, n) == 0;
}

cptr_t some_slot(void)
{
    switch (random_below(&source, 24)) {
    case 0:
        return (cptr_t)random_word(&source) >> random_below(&source, 32);
    case 1:
        return CPTR(WEAK_CNODE, random_below(&source, SPACE_SLOTS));
    }
    return CPTR(one_in(4), random_below(&source, SPACE_SLOTS));
}

/* From a random one on, the first of the types. */
cptr_t some_of(uint32_t types)
{
    unsigned all = SPACE_CNODES * SPACE_SLOTS;
    unsigned start = (unsigned)random_below(&source, all);

    if (one_in(24)) {
        return one_in(4) ? CPTR(WEAK_CNODE, start) : some_slot();
    }
    for (unsigned i = 0; i < all; i++) {
        unsigned at = (start + i) % all;

        if (types >> believed[at / SPACE_SLOTS][at % SPACE_SLOTS] & 1) {
            return CPTR(at / SPACE_SLOTS, at % SPACE_SLOTS);
        }
    }
    return some_slot();
}

cptr_t some_empty(void)
{
    return some_of(TYPE(NULL));
}

uint64_t some_number(void)
{
    switch (random_below(&source, 9)) {
    case 0:
        return some_slot();
    case 1:
        return CAP_PLACE(some_slot(), random_below(&source, 5));
    case 2:
        return PAGE_SIZE * random_below(&source, 20);
    case 3:
        return (uint64_t)1 << random_below(&source, 64);
    case 4:
        return ((uint64_t)1 << random_below(&source, 64)) - 1;
    case 5:
        return random_below(&source, 600) | random_below(&source, 600) << 16;
    case 6:
        return random_word(&source);
    case 7:
        return UINT64_MAX - random_below(&source, 3);
    default:
        return random_below(&source, 64);
    }
}
