/* SPDX-License-Identifier: MIT */
/* Between the two files of the specification: spec.c, and spec_map.c for tables and Mappings. */
#ifndef CAP_TEST_SPEC_PRIV_H
#define CAP_TEST_SPEC_PRIV_H

#include "spec.h"

/* for (EACH(c, s)): all capabilities. What is dropped meanwhile is not seen any more. */
#define EACH(c, s)                                                                                           \
    struct spec_cap *c = next_cap(s, (s)->caps);                                                             \
    c != NULL;                                                                                               \
    c = next_cap(s, c + 1)

struct spec_cap *next_cap(const struct spec *s, struct spec_cap *c);

/* A slot that was found by its name. */
struct ref {
    uint64_t place;
    cptr_t address;
    unsigned level;
    uint64_t room;
};

#define TRY(attempt)                                                                                         \
    do {                                                                                                     \
        err_t e_ = (attempt);                                                                                \
        if (!err_ok(e_)) {                                                                                   \
            return e_;                                                                                       \
        }                                                                                                    \
    } while (0)

#define REFUSE(condition, cause, detail) TRY((condition) ? err_make(ERR_##cause, detail) : OK)

static inline bool has(const struct spec_cap *c, unsigned traits)
{
    return cap_type_has(c->type, traits);
}

static inline bool same_range(const struct spec_cap *a, const struct spec_cap *b)
{
    return a->base == b->base && a->size == b->size;
}

err_t source(const struct spec *s, uint64_t root, uint64_t operand, struct ref *out);
err_t named_root(const struct spec *s, uint64_t own, uint64_t operand, uint64_t *root);
err_t destination(const struct spec *s, uint64_t own, const uint64_t *args, struct ref *out);
/* Something may be put there if it can be taken. */
err_t empty_place(const struct spec *s, uint64_t root, uint64_t operand, struct ref *out);
err_t can_take(const struct spec *s, const struct ref *to, unsigned type);

/* Only the owner may, while no other core has copies. */
err_t alone(const struct spec_cap *c);

/* Something that ends if c does is shared; c itself only if it is the last of its copies. */
bool held_elsewhere(const struct spec *s, const struct spec_cap *c);

err_t revoke_all(struct spec *s, uint64_t place);
bool has_copies(const struct spec *s, const struct spec_cap *c);

err_t invoke_kernel(struct spec *s, uint64_t own, const struct spec_cap *kernel, unsigned op, uint64_t *args);

err_t invoke_map(struct spec *s, uint64_t own, const struct ref *table, uint64_t *args);
err_t invoke_protect(struct spec *s, const struct ref *target, uint64_t *args);
err_t invoke_split(struct spec *s, uint64_t own, const struct ref *target, uint64_t *args);

#endif
