/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/bytes.h>
#include "ump_end.h"

enum tag { TAG_MORE = 1, TAG_SECOND = 2, TAG_EIGHTH = 4, TAG_CREDIT = 8, TAG_ALL = 15 };

#define LINE_WORDS (UMP_PAYLOAD / 8)

CLAIM(a_second_line_has_room_for_all, 1 + RPC_UMP_CAP_WORDS <= LINE_WORDS);
CLAIM(a_part_is_two_lines_at_most, RPC_PART_WORDS <= LINE_WORDS + 1);

static void put_line(struct rpc_ump *end, const uint64_t *words, unsigned count, unsigned tag, bool last)
{
    bool wake;

    if (!ump_send(&end->out, words, count * 8, (uint8_t)tag, last, &wake)) {
        end_lie(end);
    } else if (wake) {
        end->ops->wake_peer(end->context);
    }
}

void end_put(struct rpc_ump *end, const struct rpc_part *part, const struct rpc_ump_cap *cap, bool credit)
{
    unsigned words = part != NULL ? part->length : 0;
    unsigned tag = credit ? TAG_CREDIT : 0;
    unsigned second_tag = TAG_SECOND;
    uint64_t second[LINE_WORDS];
    unsigned count = 0;

    if (words > LINE_WORDS) {
        second[count++] = part->words[LINE_WORDS];
        second_tag |= TAG_EIGHTH;
        words = LINE_WORDS;
    }
    for (unsigned i = 0; cap != NULL && i < cap->count; i++) {
        second[count++] = cap->words[i];
    }
    if (!ump_has_room(&end->out, count > 0 ? 2 : 1)) {
        end_lie(end);
        return;
    }
    put_line(end, part != NULL ? part->words : second, words, count > 0 ? tag | TAG_MORE : tag, count == 0);
    if (count > 0) {
        put_line(end, second, count, second_tag, true);
    }
}

/* ---- what comes: `line` is our copy */

/* A line that stands alone, or the first of two. */
static bool first_is_right(unsigned words, unsigned tag)
{
    return (tag & (TAG_SECOND | TAG_EIGHTH)) == 0 && (words > 0 || tag == TAG_CREDIT);
}

static bool second_is_right(const struct rpc_ump *end, unsigned words, unsigned tag)
{
    unsigned own = tag & TAG_EIGHTH ? 1 : 0;

    return (tag & ~(unsigned)TAG_EIGHTH) == TAG_SECOND && words > 0 && words - own <= RPC_UMP_CAP_WORDS &&
           (own == 0 || end->half_words == LINE_WORDS);
}

static void take_first(struct incoming *in, const uint64_t *line, unsigned words, unsigned tag)
{
    mem_copy(in->part.words, line, LINE_WORDS * 8);
    in->part.length = words;
    in->part.cap = CPTR_NULL;
    in->part.cap_error = OK;
    in->cap.count = 0;
    in->credit = tag & TAG_CREDIT;
}

static void take_second(struct incoming *in, const uint64_t *line, unsigned words, unsigned tag)
{
    unsigned own = tag & TAG_EIGHTH ? 1 : 0;

    if (own != 0) {
        in->part.words[in->part.length++] = line[0];
    }
    in->cap.count = words - own;
    mem_copy(in->cap.words, line + own, in->cap.count * 8);
}

/* One line. True: *in is whole. */
static bool take_line(struct rpc_ump *end, struct incoming *in, const uint64_t *line, unsigned bytes,
                      unsigned tag)
{
    unsigned words = bytes / 8;
    bool right = bytes % 8 == 0 && (tag & ~(unsigned)TAG_ALL) == 0 &&
                 (end->half ? second_is_right(end, words, tag) : first_is_right(words, tag));

    if (!right) {
        end_lie(end);
        return false;
    }
    if (end->half) {
        end->half = false;
        take_first(in, end->half_line, end->half_words, end->half_tag);
        take_second(in, line, words, tag);
        return true;
    }
    if (tag & TAG_MORE) {
        end->half = true;
        end->half_words = words;
        end->half_tag = (uint8_t)tag;
        mem_copy(end->half_line, line, sizeof(end->half_line));
        return false;
    }
    take_first(in, line, words, tag);
    return true;
}

static void wake_writer(struct rpc_ump *end)
{
    if (ump_wake_writer(&end->in)) {
        end->ops->wake_peer(end->context);
    }
}

/* At once: who has been told of room and not woken would wait for it while this end waits for what he has to
 * say. */
bool end_prepare_sleep(struct rpc_ump *end)
{
    bool sleeps = ump_prepare_sleep(&end->in);

    wake_writer(end);
    return sleeps;
}

bool end_get(struct rpc_ump *end, struct incoming *in)
{
    uint64_t line[LINE_WORDS] = {0};
    bool whole = false;
    unsigned bytes;
    uint8_t tag;

    while (!whole && !end->ended && ump_receive(&end->in, line, &bytes, &tag)) {
        whole = take_line(end, in, line, bytes, tag);
    }
    if (end->in.broken) {
        end_lie(end);
    }
    wake_writer(end);
    return whole;
}
