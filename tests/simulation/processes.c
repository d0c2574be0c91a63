/* SPDX-License-Identifier: MIT */
/* Processes that do one thing (peer.c). */
#include "simulation.h"
#include <mudskipper/abi/objects.h>
#include <mudskipper/pure/format.h>

static bool start_any(struct worker *w, const char *program, const char *what, unsigned operand,
                      uint32_t *number)
{
    char words[96];
    size_t bytes = format_to(words, sizeof(words), "%s%c%s%c%u", program, 0, what, 0, operand) + 1;

    return DONE(w, core_spawn_on(&simulation.core_server, (uint32_t)below(w, simulation.cores), 0, "", words,
                                 bytes, number));
}

static bool start(struct worker *w, const char *what, unsigned operand, uint32_t *number)
{
    return start_any(w, "sim-peer", what, operand, number);
}

/* How it ended; what else is known of faults is not asked. Memory that is short comes back: until then nobody
 * knows whether the process has given back its own. False: its core has stopped. */
static bool await(struct worker *w, uint32_t number, uint8_t *how, uint32_t *code)
{
    nanos_t until = patience();
    struct rpc_channel core = rpc_until(&simulation.core_server, until);
    unsigned cut = w->cut;
    uint8_t fault;
    uint8_t access;
    uint64_t address;

    while (!DONE(w, core_wait(&core, number, true, how, code, &fault, &access, &address))) {
        if (w->cut != cut) {
            return false;
        }
        MUST(w, rt_now() < until);
        thread_sleep_until(rt_now() + (nanos_t)1000 * 1000);
    }
    return true;
}

void process_exit_code(struct worker *w)
{
    unsigned wanted = (unsigned)below(w, 1000);
    uint32_t number;
    uint32_t code;
    uint8_t how;

    if (start(w, "exit", wanted, &number) && await(w, number, &how, &code)) {
        MUST(w, (how == EXIT_BY_ITSELF && code == wanted) || (may_be_short() && how != EXIT_KILLED));
    }
}

void process_kill(struct worker *w)
{
    uint32_t number;
    uint32_t code;
    uint8_t how;
    unsigned cut;

    if (!start(w, "sleep", 0, &number)) {
        return;
    }
    cut = w->cut;
    for (unsigned tries = 0; !DONE(w, core_kill(&simulation.core_server, number)) && w->cut == cut; tries++) {
        MUST(w, tries < 1000); /* memory that is short comes back */
        rt_yield();
    }
    if (await(w, number, &how, &code)) {
        MUST(w, how == EXIT_KILLED || (may_be_short() && how == EXIT_FAULTED));
    }
}

void process_hog(struct worker *w)
{
    uint32_t number;
    uint32_t code;
    uint8_t how;

    if (simulation.may_starve && start(w, "hog", (unsigned)below(w, 20), &number)) {
        (void)await(w, number, &how, &code);
    }
}

/* Whatever a client does to a server, others are served. */
void process_liar(struct worker *w)
{
    struct server *s = server_bound(w);
    uint32_t number;
    uint32_t code;
    uint8_t how;

    if (s != NULL && start_any(w, "sim-liar", s->name, (unsigned)below(w, UINT32_MAX), &number) &&
        await(w, number, &how, &code)) {
        MUST(w, how == EXIT_BY_ITSELF || (may_be_short() && how == EXIT_FAULTED));
        server_call(w);
    }
}
