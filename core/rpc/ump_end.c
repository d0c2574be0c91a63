/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <mudskipper/pure/walker.h>
#include "ump_end.h"

err_t rpc_ump_init(struct rpc_ump *end, const struct rpc_ump_setup *setup)
{
    uint64_t lines = ump_lines(setup->bytes);

    if (lines < RPC_UMP_LINES_MIN) {
        return err_make(ERR_BAD_ARGUMENT, 0);
    }
    *end = (struct rpc_ump){.port = rpc_ump_port,
                            .ops = setup->ops,
                            .context = setup->context,
                            .gone = setup->gone,
                            .server = setup->server,
                            .badge = setup->badge,
                            .parts_max = lines / 8};
    end->port.context = end;
    rpc_link_init(&end->link, &rpc_ump_transport, setup->memory, setup->slots);
    ump_writer_init(&end->out, setup->out, setup->bytes);
    ump_reader_init(&end->in, setup->in, setup->bytes);
    tree_init(&end->calls, NULL);
    list_init(&end->want_credit);
    list_init(&end->kept);
    list_init(&end->late_answers);
    return OK;
}

static void finish(struct rpc_ump *end)
{
    if (end->ended) {
        return;
    }
    end->ended = true;
    TREE_FOREACH(n, &end->calls)
    {
        end->ops->signal(end->context, &open_part_of(n)->waiter);
    }
    LIST_FOREACH(n, &end->want_credit)
    {
        end->ops->signal(end->context, &CONTAINER_OF(n, struct open_part, in_line)->waiter);
    }
    end->ops->rouse(end->context);
}

bool end_is_over(struct rpc_ump *end)
{
    if (!end->ended && end->gone != NULL && atomic_load_explicit(end->gone, memory_order_acquire)) {
        finish(end);
    }
    return end->ended;
}

void end_lie(struct rpc_ump *end)
{
    if (!end->ended) {
        end->figures.lies++;
        finish(end);
    }
}

void end_settle(struct rpc_ump *end)
{
    struct list_node *first = list_first(&end->want_credit);

    if (end->parts_out == 0) {
        end_lie(end);
        return;
    }
    end->parts_out--;
    if (first != NULL) {
        end->ops->signal(end->context, &CONTAINER_OF(first, struct open_part, in_line)->waiter);
    }
}

/* What has a claim: our parts and the answers to theirs, two lines each. An eighth of the ring may have been
 * read without our being told. */
uint64_t end_spare_lines(const struct rpc_ump *end)
{
    return 4 * end->parts_max + end->parts_max + 2;
}

bool end_has_spare_room(struct rpc_ump *end)
{
    return ump_has_room(&end->out, end_spare_lines(end));
}

void rpc_ump_close(struct rpc_ump *end)
{
    end->ops->lock(end->context);
    finish(end);
    end->ops->unlock(end->context);
    if (end->server != NULL) {
        rpc_server_forget_port(end->server, &end->port, end->badge);
        end_free_answers(end);
    }
}

/* ---- R1 ---- */

static void expect(struct walker *w, bool holds, const char *what)
{
    (void)WALKER_EXPECT(w, holds, "rings: %s\n", what);
}

size_t rpc_ump_check(const struct rpc_ump *end, format_sink_t sink, void *context)
{
    struct walker w = {sink, context, 0};

    expect(&w, tree_check(&end->calls, end_compare_parts), "calls are out of order");
    expect(&w, list_check(&end->want_credit), "the list of who wants credit is broken");
    expect(&w, list_check(&end->kept), "the list of kept calls is broken");
    expect(&w, list_check(&end->late_answers), "the list of late answers is broken");
    expect(&w, end->parts_out <= end->parts_max, "more parts are under way than may be");
    expect(&w, end->server != NULL || (list_empty(&end->kept) && list_empty(&end->late_answers)),
           "answers of a server that is not there");
    expect(&w, ump_writer_check(&end->out), "more lines may be written than the other end has room for");
    expect(&w, ump_reader_check(&end->in), "much was read and the other end does not know");
    return w.faults;
}
