/* SPDX-License-Identifier: MIT */
/* The table of capability types, from its one source. */
#include <mudskipper/cap/types.h>

/* The words of captypes.def. */
enum {
    NOTHING = 0,

    MEMORY = CAP_TRAIT_MEMORY,
    ZEROED = CAP_TRAIT_ZEROED,
    CROSSES = CAP_TRAIT_CROSSES,
    NESTS = CAP_TRAIT_NESTS,
    ENCLOSES = CAP_TRAIT_ENCLOSES,
    NUMBERED = CAP_TRAIT_NUMBERED,
    MAPPED = CAP_TRAIT_MAPPED,
    TABLE = CAP_TRAIT_TABLE,
    CNODE = CAP_TRAIT_CNODE,
    HOLDER = CAP_TRAIT_HOLDER,
    UNIQUE = CAP_TRAIT_UNIQUE,
    TOLD = CAP_TRAIT_TOLD,
    PLACED = CAP_TRAIT_PLACED,

    GEN = CAP_EQUAL_GEN,
    W0 = CAP_EQUAL_W0,
    W1 = CAP_EQUAL_W1,

    MULTIPLE = CAP_SIZES_MULTIPLE,
    PAGES = CAP_SIZES_PAGES,
    POWER = CAP_SIZES_POWER,
    SOURCE = CAP_SIZES_SOURCE,
};

#define FROM(type) (1u << CAP_TYPE_##type)

const struct cap_type_info cap_types[CAP_TYPE_COUNT] = {
#define CAPTYPE(name, number, text, from, low, high, rule, equal, rank_, traits_)                            \
    [number] = {.made_from = (from),                                                                         \
                .traits = (traits_),                                                                         \
                .equality = (equal),                                                                         \
                .rank = (rank_),                                                                             \
                .sizes = (rule),                                                                             \
                .smallest = (low),                                                                           \
                .largest = (high)},
#include <mudskipper/abi/captypes.def>
#undef CAPTYPE
};

static const char *const names[CAP_TYPE_COUNT] = {
#define CAPTYPE(name, number, text, from, smallest, largest, sizes, equality, rank, traits) [number] = (text),
#include <mudskipper/abi/captypes.def>
#undef CAPTYPE
};

CLAIM(types_fit_the_mask_of_sources, CAP_TYPE_COUNT <= 32);

const char *cap_type_name(unsigned type)
{
    return type < CAP_TYPE_COUNT ? names[type] : "?";
}

bool cap_type_size_ok(unsigned type, uint64_t size)
{
    const struct cap_type_info *info = &cap_types[type];

    if (size < info->smallest || size > info->largest) {
        return false;
    }
    switch (info->sizes) {
    case CAP_SIZES_MULTIPLE:
        return size % info->smallest == 0;
    case CAP_SIZES_PAGES:
        return (size & PAGE_MASK) == 0;
    case CAP_SIZES_POWER:
        return (size & (size - 1)) == 0;
    default:
        return false;
    }
}
