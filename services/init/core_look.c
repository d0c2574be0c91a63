/* SPDX-License-Identifier: MIT */
#include "core_look.h"
#include <mudskipper/abi/boot_info.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/rt/process.h>
#include "core_rpc.h"
#include "memory.h"
#include "peers.h"
#include "processes.h"

/* ---- capability spaces ---- */

/* How many L1 slots a capability space has. */
uint32_t look_l1_slots(cptr_t root)
{
    struct cap_identity identity;

    return err_ok(cap_identify(root, &identity)) ? (uint32_t)(identity.bytes / CAP_SLOT_BYTES) : 0;
}

/* The first slot in use from `at` on; false: there is none. Nothing changes meanwhile but by the process
 * itself. */
bool look_next_used(cptr_t root, uint32_t end, cptr_t at, cptr_t *slot, struct cap_identity *identity)
{
    while (at >> CPTR_L2_BITS < end) {
        uint32_t l1 = at >> CPTR_L2_BITS;

        if ((at & (CPTR_L2_SLOTS - 1)) == 0 &&
            !err_ok(cap_identify_in(root, CAP_PLACE_CNODE(l1), identity))) {
            at = CPTR(l1 + 1, 0);
        } else if (err_ok(cap_identify_in(root, CAP_PLACE_SLOT(at), identity))) {
            *slot = at;
            return true;
        } else {
            at++;
        }
    }
    return false;
}

static uint64_t count_capabilities(cptr_t root)
{
    uint32_t end = look_l1_slots(root);
    struct cap_identity identity;
    uint64_t count = 0;

    for (cptr_t at = 0, slot; look_next_used(root, end, at, &slot, &identity); at = slot + 1) {
        count++;
    }
    return count;
}

static uint64_t badge_of(const struct cap_identity *identity)
{
    switch (identity->type) {
    case CAP_TYPE_ENDPOINT_LMP:
        return identity->words[0];
    case CAP_TYPE_HANDLE:
        return identity->words[1];
    default:
        return 0;
    }
}

static size_t look_into(cptr_t root, cptr_t from, struct core_capability *found, size_t room, cptr_t *next)
{
    uint32_t end = look_l1_slots(root);
    struct cap_identity identity;
    size_t count = 0;
    cptr_t slot;

    *next = CPTR_NULL;
    while (look_next_used(root, end, from, &slot, &identity)) {
        if (count == room) {
            *next = slot;
            break;
        }
        found[count++] = (struct core_capability){.slot = slot,
                                                  .type = (uint8_t)identity.type,
                                                  .rights = (uint8_t)identity.rights,
                                                  .owner = (uint8_t)identity.owner,
                                                  .base = identity.base,
                                                  .bytes = identity.bytes,
                                                  .badge = badge_of(&identity)};
        from = slot + 1;
    }
    return count;
}

err_t look_at_capabilities(uint32_t number, cptr_t from, struct core_capability *found, size_t room,
                           size_t *count, cptr_t *next)
{
    const struct process *p = processes_find(number);

    if (number != PROCESS_INIT && (p == NULL || p->ended)) {
        return err_make(ERR_PROC_NOT_FOUND, 0);
    }
    *count = look_into(p != NULL ? p->root : SLOT_ROOT, from, found, room, next);
    return OK;
}

/* ---- processes ---- */

enum state { STATE_STOPPED, STATE_READY, STATE_WAITING, STATE_ENDED, STATE_RUNNING };

static void fill(struct core_process *to, cptr_t dispatcher, cptr_t root)
{
    static const uint8_t states[] = {[STATUS_STOPPED] = STATE_STOPPED,
                                     [STATUS_READY] = STATE_READY,
                                     [STATUS_WAITING] = STATE_WAITING,
                                     [STATUS_DEAD] = STATE_ENDED};
    struct dispatcher_info info;

    if (err_ok(cap_dispatcher_info(dispatcher, &info))) {
        to->state = states[info.status];
        to->time = info.cpu_time;
    }
    to->capabilities = count_capabilities(root);
}

static void fill_memory(struct core_process *to, mm_client_t client)
{
    if (!err_ok(memory_account(client, &to->memory, &to->quota))) {
        to->memory = 0; /* an ended one has no account */
        to->quota = MM_NO_QUOTA;
    }
}

static void look_at(struct core_process *to, const struct process *p)
{
    *to = (struct core_process){
        .number = p->number, .parent = p->parent, .state = STATE_ENDED, .time = p->exit.time};
    str_copy(to->name, sizeof(to->name), p->name);
    fill_memory(to, p->number);
    if (!p->ended) {
        fill(to, p->dispatcher, p->root);
    }
}

static void look_at_self(struct core_process *to)
{
    *to = (struct core_process){.number = PROCESS_INIT, .name = "init"};
    fill_memory(to, MEMORY_CLIENT_INIT);
    fill(to, SLOT_DISPATCHER, SLOT_ROOT);
    to->state = STATE_RUNNING; /* answering */
}

size_t look_at_processes(uint32_t from, struct core_process *found, size_t room, bool *more)
{
    const struct process *p = processes_from(from);
    size_t count = 0;

    if (from <= PROCESS_INIT) {
        look_at_self(&found[count++]);
    }
    for (; p != NULL && count < room; p = p->next) {
        look_at(&found[count++], p);
    }
    *more = p != NULL;
    return count;
}

/* ---- memory ---- */

/* Bytes of the machine's RAM, and whole pages of it that the kernel found free. */
static void add_ram(const struct boot_info *info, uint64_t *bytes, uint64_t *pages)
{
    const struct boot_memory_range *range = (const void *)((const char *)info + info->memory);

    *bytes = *pages = 0;
    for (uint32_t i = 0; i < info->memory_count; i++) {
        paddr_t start = (range[i].base + PAGE_MASK) & ~PAGE_MASK;
        paddr_t end = (range[i].base + range[i].bytes) & ~PAGE_MASK;

        *bytes += range[i].bytes;
        *pages += range[i].kind == BOOT_MEMORY_FREE && start < end ? (end - start) / PAGE_SIZE : 0;
    }
}

/* What of the machine's RAM is this core's: an equal share of the free pages without the common rings; core 0
 * has all the rest, too. */
static uint64_t own_ram(const struct boot_info *info)
{
    uint32_t cores = peers_there() ? info->cores : 1;
    coreid_t core = rt_self()->core;
    uint64_t bytes;
    uint64_t pages;

    add_ram(info, &bytes, &pages);
    if (cores == 1) {
        return bytes;
    }
    pages -= (uint64_t)cores * cores;
    return core == 0 ? bytes - (pages - pages / cores) * PAGE_SIZE
                     : (pages * (core + 1) / cores - pages * core / cores) * PAGE_SIZE;
}

/* The sum of all accounts, so that whoever adds up checks the manager. */
err_t look_memory(const struct boot_info *info, struct core_figures *figures)
{
    struct mm_stats stats;
    uint64_t own;
    uint64_t bytes;
    uint64_t quota;
    uint64_t used = 0;
    err_t e = memory_account(MEMORY_CLIENT_INIT, &own, &quota);

    if (!err_ok(e)) {
        return e;
    }
    for (const struct process *p = processes_from(0); p != NULL; p = p->next) {
        used += err_ok(memory_account(p->number, &bytes, &quota)) ? bytes : 0;
    }
    memory_stats(&stats);
    *figures = (struct core_figures){.total = own_ram(info),
                                     .free = stats.free,
                                     .used = used,
                                     .reserved = own_ram(info) - stats.managed + stats.revoking + own,
                                     .largest = stats.largest};
    return OK;
}

/* ---- the core ---- */

void look_core(struct core_figures *figures)
{
    nanos_t busy = processes_time_of_ended();
    struct dispatcher_info info;

    for (const struct process *p = processes_from(0); p != NULL; p = p->next) {
        if (!p->ended) {
            figures->processes++;
            busy += err_ok(cap_dispatcher_info(p->dispatcher, &info)) ? info.cpu_time : 0;
        }
    }
    figures->processes++;
    busy += err_ok(cap_dispatcher_info(SLOT_DISPATCHER, &info)) ? info.cpu_time : 0;
    figures->up = rt_now();
    figures->idle = figures->up - (busy < figures->up ? busy : figures->up);
}

err_t look_log(uint64_t *position, char *text, size_t room, size_t *count)
{
    size_t piece = 1;

    *count = 0;
    while (piece > 0 && room - *count >= LOG_WRITE_MAX) {
        err_t e = cap_log_read(SLOT_LOG, position, text + *count, &piece);

        if (!err_ok(e)) {
            return e;
        }
        *count += piece;
    }
    return OK;
}
