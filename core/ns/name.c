/* SPDX-License-Identifier: MIT */
#include "internal.h"

err_t ns_name_check(struct text name)
{
    unsigned label = 0; /* bytes of the label so far */

    for (size_t i = 0; i < name.length; i++) {
        char c = name.start[i];
        bool right = c == '.' ? label > 0 : ns_label_byte(c) && label < NS_LABEL_MAX;
        if (!right || i >= NS_NAME_MAX) {
            return err_make(ERR_NAME_SYNTAX, i);
        }
        label = c == '.' ? 0 : label + 1;
    }
    return label > 0 ? OK : err_make(ERR_NAME_SYNTAX, name.length);
}

err_t ns_prefix_check(struct text prefix)
{
    return prefix.length == 0 ? OK : ns_name_check(prefix);
}

unsigned ns_name_labels(struct text name)
{
    unsigned labels = name.length > 0;

    for (size_t i = 0; i < name.length; i++) {
        labels += name.start[i] == '.';
    }
    return labels;
}

static int rank(char c)
{
    return c == '.' ? 0 : (unsigned char)c;
}

int ns_name_compare(struct text a, struct text b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;

    for (size_t i = 0; i < shorter; i++) {
        if (a.start[i] != b.start[i]) {
            return rank(a.start[i]) - rank(b.start[i]);
        }
    }
    return a.length == b.length ? 0 : a.length < b.length ? -1 : 1;
}

bool ns_name_below(struct text prefix, struct text name)
{
    if (prefix.length == 0) {
        return true;
    }
    return name.length >= prefix.length && mem_equal(name.start, prefix.start, prefix.length) &&
           (name.length == prefix.length || name.start[prefix.length] == '.');
}

uint64_t ns_name_hash(const struct hash_key *key, struct text name)
{
    return hash_sip(key, name.start, name.length);
}

coreid_t ns_name_owner(const struct hash_key *key, struct text name, const coreid_t *live, size_t count)
{
    uint64_t hash = ns_name_hash(key, name);
    uint64_t best_weight = 0;
    coreid_t best = live[0];

    for (size_t i = 0; i < count; i++) {
        uint64_t weight = hash_number(hash ^ hash_number(live[i] + 1));
        /* Equal weights go to the lower number, whatever the order of the cores. */
        if (i == 0 || weight > best_weight || (weight == best_weight && live[i] < best)) {
            best_weight = weight;
            best = live[i];
        }
    }
    return best;
}
