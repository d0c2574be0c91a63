/* SPDX-License-Identifier: MIT */
#include "mutate.h"
#include <string.h>

uint64_t mutate_random(uint64_t *random)
{
    uint64_t z = *random += 0x9e3779b97f4a7c15u; /* splitmix64 */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t below(uint64_t *random, size_t limit)
{
    return limit > 0 ? (size_t)(mutate_random(random) % limit) : 0;
}

/* Mostly short ones. */
static size_t some_length(uint64_t *random, size_t limit)
{
    size_t most = below(random, 4) > 0 && limit > 8 ? 8 : limit;

    return most > 0 ? 1 + below(random, most) : 0;
}

static void flip_bit(struct input *in, uint64_t *random)
{
    if (in->size > 0) {
        in->bytes[below(random, in->size)] ^= (uint8_t)(1u << below(random, 8));
    }
}

static void set_byte(struct input *in, uint64_t *random)
{
    static const uint8_t values[] = {0,    1,   0x7f, 0x80, 0xff, ' ', '"', '\\',
                                     '\n', '0', '9',  'a',  '.',  '=', ',', '-'};

    if (in->size > 0) {
        in->bytes[below(random, in->size)] =
            below(random, 2) ? values[below(random, sizeof(values))] : (uint8_t)mutate_random(random);
    }
}

/* A number of 2, 4 or 8 bytes, of either order, at the border of something: or a little more or less than is
 * there. */
static void set_number(struct input *in, uint64_t *random)
{
    size_t bytes = (size_t)2 << below(random, 3);
    uint64_t value = 0;
    size_t at;

    if (in->size < bytes) {
        return;
    }
    at = below(random, in->size - bytes + 1);
    switch (below(random, 4)) {
    case 0:
        memcpy(&value, in->bytes + at, bytes);
        value += below(random, 9) - 4;
        break;
    case 1:
        value = in->size + below(random, 9) - 4;
        break;
    default:
        value = ((uint64_t)1 << below(random, 64)) - below(random, 3);
        break;
    }
    value = below(random, 4) == 0 ? __builtin_bswap64(value) >> (64 - 8 * bytes) : value;
    memcpy(in->bytes + at, &value, bytes);
}

static void cut(struct input *in, uint64_t *random)
{
    in->size = below(random, in->size + 1);
}

static void remove_piece(struct input *in, uint64_t *random)
{
    size_t count = some_length(random, in->size);
    size_t at = below(random, in->size - count + 1);

    memmove(in->bytes + at, in->bytes + at + count, in->size - at - count);
    in->size -= count;
}

/* Makes room for `count` bytes, as many as fit; returns how many. */
static size_t open_gap(struct input *in, size_t at, size_t count)
{
    count = count < INPUT_MAX - in->size ? count : INPUT_MAX - in->size;
    memmove(in->bytes + at + count, in->bytes + at, in->size - at);
    in->size += count;
    return count;
}

static void insert_bytes(struct input *in, uint64_t *random)
{
    size_t at = below(random, in->size + 1);
    size_t count = open_gap(in, at, some_length(random, 32));
    uint8_t same = (uint8_t)mutate_random(random);
    size_t all_same = below(random, 2);

    for (size_t i = 0; i < count; i++) {
        in->bytes[at + i] = all_same ? same : (uint8_t)mutate_random(random);
    }
}

/* A piece of this input or of another one, over what is there or in between. */
static void splice(struct input *in, const struct input *from, uint64_t *random)
{
    uint8_t piece[256];
    size_t count = some_length(random, from->size < sizeof(piece) ? from->size : sizeof(piece));
    size_t at = below(random, in->size + 1);

    memcpy(piece, from->bytes + below(random, from->size - count + 1), count);
    if (below(random, 2) == 0) {
        count = open_gap(in, at, count);
    }
    for (size_t i = 0; i < count && at + i < in->size; i++) {
        in->bytes[at + i] = piece[i];
    }
}

void mutate(struct input *in, const struct input *other, uint64_t *random)
{
    for (size_t left = 1 + below(random, 4); left > 0; left--) {
        switch (below(random, 8)) {
        case 0:
            flip_bit(in, random);
            break;
        case 1:
            set_byte(in, random);
            break;
        case 2:
        case 3:
            set_number(in, random);
            break;
        case 4:
            below(random, 3) == 0 ? cut(in, random) : remove_piece(in, random);
            break;
        case 5:
            insert_bytes(in, random);
            break;
        case 6:
            splice(in, in, random);
            break;
        default:
            splice(in, other, random);
            break;
        }
    }
}
