/* SPDX-License-Identifier: MIT */
#include "peers.h"
#include "calls.h"
#include "check.h"
#include "links.h"
#include "offers.h"
#include "peer_rpc.h"
#include "server.h"
#include "work.h"

/* A nameserver that has ended may have a successor by now, to which another connection leads: asked once
 * more. */
static bool once_more(err_t e, unsigned *rounds)
{
    return err_is(e, ERR_PEER_GONE) && ++*rounds < 2;
}

static bool is_here(const char *name)
{
    return names_owner(name) == names.core;
}

err_t peers_claim(const struct asker *who, const struct claim *claim, struct claimed *claimed)
{
    struct link *link;
    unsigned rounds = 0;
    struct claimed result;
    uint32_t core;
    err_t e;

    if (is_here(claim->name)) {
        mutex_lock(&names.mutex);
        e = owned_claim(who, claim, claimed);
        mutex_unlock(&names.mutex);
        return e;
    }
    do {
        e = links_use(names_owner(claim->name), &link);
        if (err_ok(e)) {
            e = names_peer_claim(&link->channel, claim->name, claim->attributes, claim->service, who->process,
                                 (uint8_t)claim->mode, who->system, &result.generation, &result.dropped,
                                 &core);
            links_done(link, e);
        }
    } while (once_more(e, &rounds));
    if (err_ok(e)) {
        result.dropped_core = core;
        *claimed = result;
    }
    return e;
}

void peers_release(const struct asker *who, const char *name, uint64_t service)
{
    struct link *link;
    unsigned rounds = 0;
    err_t e;

    if (is_here(name)) {
        mutex_lock(&names.mutex);
        owned_release(who, service);
        mutex_unlock(&names.mutex);
        return;
    }
    do {
        e = links_use(names_owner(name), &link);
        if (err_ok(e)) {
            e = names_peer_release(&link->channel, service, who->process);
            links_done(link, e);
        }
    } while (once_more(e, &rounds) || work_waits_for_more(e));
    (void)e; /* an owner that is gone has no names */
}

err_t peers_find(const char *name, uint64_t generation, struct holder *holder)
{
    struct link *link;
    unsigned rounds = 0;
    uint32_t core;
    err_t e;

    if (is_here(name)) {
        mutex_lock(&names.mutex);
        e = owned_find(name, generation, holder);
        mutex_unlock(&names.mutex);
        return e;
    }
    do {
        e = links_use(names_owner(name), &link);
        if (err_ok(e)) {
            e = names_peer_find(&link->channel, name, generation, &holder->service, &holder->generation,
                                &core, &holder->process);
            links_done(link, e);
        }
    } while (once_more(e, &rounds));
    if (err_ok(e)) {
        holder->core = core;
    }
    return e;
}

err_t peers_wait(uint32_t process, const char *name, nanos_t deadline, struct holder *holder)
{
    struct link *link;
    unsigned rounds = 0;
    uint32_t core;
    err_t e;

    do {
        e = links_use(names_owner(name), &link);
        if (err_ok(e)) {
            e = names_peer_wait(&link->channel, name, deadline, process, &holder->service,
                                &holder->generation, &core, &holder->process);
            links_done(link, e);
        }
    } while (once_more(e, &rounds));
    if (err_ok(e)) {
        holder->core = core;
    }
    return e;
}

err_t peers_handle(const struct holder *holder, uint32_t client, cptr_t *handle)
{
    struct link *link;
    unsigned rounds = 0;
    err_t e;

    if (holder->core == names.core) {
        mutex_lock(&names.mutex);
        e = offers_handle(holder->service, client, handle);
        mutex_unlock(&names.mutex);
        return e;
    }
    do {
        e = links_use(holder->core, &link);
        if (err_ok(e)) {
            e = names_peer_handle(&link->channel, holder->service, client, handle);
            links_done(link, e);
        }
    } while (once_more(e, &rounds));
    return e;
}

void peers_drop(coreid_t core, uint64_t service)
{
    struct held_offer *offer;
    struct link *link;
    unsigned rounds = 0;
    err_t e;

    if (core == names.core) {
        mutex_lock(&names.mutex);
        offer = offers_find(service);
        if (offer != NULL) {
            calls_revoke(offers_take(offer));
        }
        mutex_unlock(&names.mutex);
        return;
    }
    do {
        e = links_use(core, &link);
        if (err_ok(e)) {
            e = names_peer_drop(&link->channel, service);
            links_done(link, e);
        }
    } while (once_more(e, &rounds) || work_waits_for_more(e));
    (void)e; /* a core that is gone has no services */
}

void peers_gone(uint32_t process)
{
    for (size_t i = 0; i < names.count; i++) {
        struct link *link;
        unsigned rounds = 0;
        err_t e;

        if (names.live[i] == names.core) {
            mutex_lock(&names.mutex);
            owned_gone(names.core, process);
            mutex_unlock(&names.mutex);
            continue;
        }
        do {
            e = links_use(names.live[i], &link);
            if (err_ok(e)) {
                e = names_peer_gone(&link->channel, process);
                links_done(link, e);
            }
        } while (once_more(e, &rounds) || work_waits_for_more(e));
        (void)e; /* an owner that is gone has no names */
    }
}

/* ---- all names ----
 *
 * Each core tells the first of its names behind `after`; the first of them all are the answer. What was not
 * taken of one core is asked for again with the next page. */

struct piece {
    struct names_peer_name found[NAMES_PEER_LIST_FOUND_MAX];
    size_t count;
    size_t taken;
    bool more;
};

CLAIM(a_page_is_no_longer_than_a_piece, PEERS_LIST_MAX <= NAMES_PEER_LIST_FOUND_MAX);

static void copy_text(char *to, struct text from)
{
    mem_copy(to, from.start, from.length);
    to[from.length] = '\0';
}

static void ask_own(const char *prefix, const char *after, struct piece *piece)
{
    struct ns_view views[PEERS_LIST_MAX];

    mutex_lock(&names.mutex);
    piece->count = owned_list(prefix, after, views, ARRAY_LENGTH(views));
    for (size_t i = 0; i < piece->count; i++) {
        struct names_peer_name *to = &piece->found[i];

        copy_text(to->name, views[i].name);
        copy_text(to->attributes, views[i].attributes);
        to->core = views[i].owner.core;
        to->process = (uint32_t)views[i].owner.process;
        to->generation = views[i].generation;
    }
    mutex_unlock(&names.mutex);
    piece->more = piece->count == ARRAY_LENGTH(views);
}

static err_t ask(coreid_t core, const char *prefix, const char *after, struct piece *piece)
{
    struct link *link;
    unsigned rounds = 0;
    err_t e;

    piece->count = piece->taken = 0;
    if (core == names.core) {
        ask_own(prefix, after, piece);
        return OK;
    }
    do {
        e = links_use(core, &link);
        if (err_ok(e)) {
            e = names_peer_list(&link->channel, prefix, after, piece->found, ARRAY_LENGTH(piece->found),
                                &piece->count, &piece->more);
            links_done(link, e);
        }
    } while (once_more(e, &rounds));
    return e;
}

/* The piece whose next name is the first; NULL: all are used up. */
static struct piece *first_of(struct piece *pieces)
{
    struct piece *first = NULL;

    for (size_t i = 0; i < names.count; i++) {
        struct piece *p = &pieces[i];

        if (p->taken < p->count &&
            (first == NULL || ns_name_compare(text_of(p->found[p->taken].name),
                                              text_of(first->found[first->taken].name)) < 0)) {
            first = p;
        }
    }
    return first;
}

/* No name behind the last one that a core told, if it has more, may be taken before it is asked again: that
 * piece is used up then, and the page is full. */
static void merge(struct piece *pieces, struct names_entry *found, size_t *count, bool *more)
{
    struct piece *p;

    for (*count = 0; *count < PEERS_LIST_MAX && (p = first_of(pieces)) != NULL; ++*count) {
        const struct names_peer_name *from = &p->found[p->taken++];
        struct names_entry *to = &found[*count];

        str_copy(to->name, sizeof(to->name), from->name);
        str_copy(to->attributes, sizeof(to->attributes), from->attributes);
        to->core = from->core;
        to->process = from->process;
        to->generation = from->generation;
    }
    *more = first_of(pieces) != NULL;
    for (size_t i = 0; i < names.count; i++) {
        *more |= pieces[i].more;
    }
}

err_t peers_list(const char *prefix, const char *after, struct names_entry found[PEERS_LIST_MAX],
                 size_t *count, bool *more)
{
    size_t bytes = names.count * sizeof(struct piece);
    struct piece *pieces = names.memory.allocate(names.memory.context, bytes);
    err_t e = OK;

    if (pieces == NULL) {
        return err_make(ERR_NO_MEMORY, bytes);
    }
    for (size_t i = 0; i < names.count && err_ok(e); i++) {
        e = ask(names.live[i], prefix, after, &pieces[i]);
        if (err_is(e, ERR_PEER_GONE)) {
            e = OK; /* with its core its names are gone */
        }
    }
    if (err_ok(e)) {
        merge(pieces, found, count, more);
    }
    names.memory.release(names.memory.context, pieces, bytes);
    return e;
}

err_t peers_check(coreid_t core, uint64_t *mistakes)
{
    struct link *link;
    unsigned rounds = 0;
    err_t e;

    if (core == names.core) {
        *mistakes = books_check();
        return OK;
    }
    do {
        e = links_use(core, &link);
        if (err_ok(e)) {
            e = names_peer_check(&link->channel, mistakes);
            links_done(link, e);
        }
    } while (once_more(e, &rounds));
    return e;
}
