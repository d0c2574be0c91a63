/* SPDX-License-Identifier: MIT */
/* What abi/captypes.def says about each type of capability, as a table to be indexed. */
#ifndef MUDSKIPPER_CAP_TYPES_H
#define MUDSKIPPER_CAP_TYPES_H

#include <mudskipper/abi/cap.h>

/* Explained at the top of captypes.def. */
enum cap_trait {
    CAP_TRAIT_MEMORY = 1u << 0,
    CAP_TRAIT_ZEROED = 1u << 1,
    CAP_TRAIT_CROSSES = 1u << 2,
    CAP_TRAIT_NESTS = 1u << 3,
    CAP_TRAIT_ENCLOSES = 1u << 4,
    CAP_TRAIT_NUMBERED = 1u << 5,
    CAP_TRAIT_MAPPED = 1u << 6,
    CAP_TRAIT_TABLE = 1u << 7,
    CAP_TRAIT_CNODE = 1u << 8,
    CAP_TRAIT_HOLDER = 1u << 9,
    CAP_TRAIT_UNIQUE = 1u << 10,
    CAP_TRAIT_TOLD = 1u << 11,
    CAP_TRAIT_PLACED = 1u << 12,
};

enum cap_equality { CAP_EQUAL_GEN = 1u << 0, CAP_EQUAL_W0 = 1u << 1, CAP_EQUAL_W1 = 1u << 2 };

enum cap_sizes { CAP_SIZES_MULTIPLE, CAP_SIZES_PAGES, CAP_SIZES_POWER, CAP_SIZES_SOURCE };

struct cap_type_info {
    uint32_t made_from; /* bit t: retype makes it from type t */
    uint16_t traits;
    uint8_t equality;
    uint8_t rank;
    uint8_t sizes; /* enum cap_sizes */
    uint64_t smallest;
    uint64_t largest;
};

extern const struct cap_type_info cap_types[CAP_TYPE_COUNT];

/* For people: "VNode L0"; "?" for a number that is no type. */
const char *cap_type_name(unsigned type);

static inline bool cap_type_has(unsigned type, unsigned traits)
{
    return (cap_types[type].traits & traits) != 0;
}

static inline bool cap_type_made_from(unsigned type, unsigned source)
{
    return (cap_types[type].made_from >> source & 1) != 0;
}

/* An object size that retype accepts for this type, apart from fitting into the source. */
bool cap_type_size_ok(unsigned type, uint64_t size);

/* May users see this word of the type's own part? The others are the kernel's. */
static inline bool cap_type_shows(unsigned type, unsigned word)
{
    switch (type) {
    case CAP_TYPE_MAPPING:
        return word == 1 || word == 2;
    case CAP_TYPE_ENDPOINT_LMP:
    case CAP_TYPE_SERVICE:
    case CAP_TYPE_HANDLE:
        return word < 2;
    default:
        return false;
    }
}

/* 0 .. 3 of a page table. */
static inline unsigned cap_table_level(unsigned type)
{
    return type - CAP_TYPE_VNODE_L0;
}

#endif
