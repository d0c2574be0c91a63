/* SPDX-License-Identifier: MIT */
/* Names of services: syntax, order, prefixes, attributes. Pure: no memory, no state.
 *
 *   name  = label { "." label }        at most NS_NAME_MAX bytes in all
 *   label = byte { byte }              1 .. NS_LABEL_MAX bytes of a-z 0-9 -
 *
 *   attributes = [ pair { " " pair } ]   at most NS_ATTRIBUTES_MAX bytes in all; no key twice
 *   pair       = key [ "=" value ]       key: as a label; value: printable ASCII without space, may be empty
 *
 * Prefixes go by labels: `dev` is a prefix of `dev` and `dev.uart`, not of `device`. The empty prefix is one
 * of every name. In the order of names a dot stands before all other bytes, so that what lies below a prefix
 * is one piece, with the prefix itself in front:
 *
 *   …  cpu   dev   dev.rtc   dev.uart   dev.uart.0   dev-old   device   …
 *            └──────────── below dev ────────────┘
 */
#ifndef MUDSKIPPER_NS_NAME_H
#define MUDSKIPPER_NS_NAME_H

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/hash.h>

#define NS_NAME_MAX       255u
#define NS_LABEL_MAX      63u
#define NS_ATTRIBUTES_MAX 1024u

/* The functions below take any bytes unless they say "a name": one that ns_name_check accepts.
 *
 *   NAME_SYNTAX  (detail: position of the first byte that may not stand there; the length, when a label is
 *                missing at the end) */
err_t ns_name_check(struct text name) MUST_USE;

/* As ns_name_check, and the empty text is a prefix. */
err_t ns_prefix_check(struct text prefix) MUST_USE;

/* How many labels a name has; 0 for the empty prefix. */
unsigned ns_name_labels(struct text name);

/* < 0, 0, > 0 as name a stands before, equals, stands behind b. */
int ns_name_compare(struct text a, struct text b);

/* Is the name the prefix itself, or below it? Both are names, or empty. */
bool ns_name_below(struct text prefix, struct text name);

/* SipHash under a key nobody else knows: nobody can make names that collide. */
uint64_t ns_name_hash(const struct hash_key *key, struct text name);

/* The core that orders all writes to a name: one of the `count` >= 1 live cores. Rendezvous hashing (Thaler
 * and Ravishankar, 1998): when a core goes, only its names move. All nameservers use the same key. */
coreid_t ns_name_owner(const struct hash_key *key, struct text name, const coreid_t *live, size_t count);

/*   NAME_ATTRIBUTES  (detail: position of the first byte that may not stand there; for a key that stands
 *                    there twice, where it does so the second time; too long ones are refused first) */
err_t ns_attributes_check(struct text attributes) MUST_USE;

/* Takes the next pair off attributes that were accepted; false: there is none. A key without "=" has a value
 * of length 0 whose start is NULL. */
bool ns_attribute_next(struct text *attributes, struct text *key, struct text *value);

/* The value of a key in attributes that were accepted; false: there is no such key. */
bool ns_attribute_find(struct text attributes, struct text key, struct text *value);

/* A question about attributes. An empty key: any answer will do. A value whose start is NULL: the key must be
 * there. Otherwise it must be there with this value; "key" alone equals "key=". */
struct ns_query {
    struct text key;
    struct text value;
};

bool ns_query_matches(const struct ns_query *query, struct text attributes);

/* When a name that somebody registers is held already. */
enum ns_mode {
    NS_REFUSE,  /* NAME_TAKEN when the name is held */
    NS_QUEUE,   /* takes the name over when the holder ends and everybody queued before has */
    NS_REPLACE, /* ends the holder, if it registered by this grant or one derived from it; those queued stay
                 */
};

#endif
