/* SPDX-License-Identifier: MIT */
#include "internal.h"

static bool is_value_byte(char c)
{
    return c > ' ' && c <= '~';
}

static err_t refuse(size_t position)
{
    return err_make(ERR_NAME_ATTRIBUTES, position);
}

/* Reads the pair that begins at *at, of which `all` up to there is right, and moves *at behind it. */
static err_t check_pair(struct text all, size_t *at)
{
    struct text key = {all.start + *at, 0};
    struct text value;

    while (*at < all.length && ns_label_byte(all.start[*at]) && key.length < NS_LABEL_MAX) {
        (*at)++;
        key.length++;
    }
    if (key.length == 0) {
        return refuse(*at);
    }
    size_t begin = *at - key.length;
    if (ns_attribute_find((struct text){all.start, begin > 0 ? begin - 1 : 0}, key, &value)) {
        return refuse(begin);
    }
    if (*at < all.length && all.start[*at] == '=') {
        do {
            (*at)++;
        } while (*at < all.length && is_value_byte(all.start[*at]));
    }
    return OK;
}

err_t ns_attributes_check(struct text attributes)
{
    size_t at = 0;

    if (attributes.length > NS_ATTRIBUTES_MAX) {
        return refuse(NS_ATTRIBUTES_MAX);
    }
    while (attributes.length > 0) {
        err_t e = check_pair(attributes, &at);
        if (!err_ok(e) || at == attributes.length) {
            return e;
        }
        if (attributes.start[at] != ' ') {
            return refuse(at);
        }
        at++;
    }
    return OK;
}

bool ns_attribute_next(struct text *attributes, struct text *key, struct text *value)
{
    const char *s = attributes->start;
    size_t end = 0;
    size_t equals;

    if (attributes->length == 0) {
        return false;
    }
    while (end < attributes->length && s[end] != ' ') {
        end++;
    }
    for (equals = 0; equals < end && s[equals] != '='; equals++) {
    }
    *key = (struct text){s, equals};
    *value = equals < end ? (struct text){s + equals + 1, end - equals - 1} : (struct text){NULL, 0};
    size_t taken = end < attributes->length ? end + 1 : end;
    *attributes = (struct text){s + taken, attributes->length - taken};
    return true;
}

bool ns_attribute_find(struct text attributes, struct text key, struct text *value)
{
    struct text here;

    while (ns_attribute_next(&attributes, &here, value)) {
        if (text_equal(here, key)) {
            return true;
        }
    }
    return false;
}

bool ns_query_matches(const struct ns_query *query, struct text attributes)
{
    struct text value;

    if (query->key.length == 0) {
        return true;
    }
    return ns_attribute_find(attributes, query->key, &value) &&
           (!query->value.start || text_equal(query->value, value));
}
