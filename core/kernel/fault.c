/* SPDX-License-Identifier: MIT */
#include "fault.h"
#include <mudskipper/abi/cap.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/page_table.h>
#include "console.h"
#include "core.h"
#include "dispatcher.h"
#include "end.h"
#include "symbol.h"
#include "upcall.h"

static const char *verb(uint32_t access)
{
    switch (access) {
    case ACCESS_READ:
        return "read";
    case ACCESS_WRITE:
        return "write to";
    default:
        return "execute";
    }
}

/* Why the access was refused, from the page table: the same words in every world. */
static const char *reason(const struct dispatcher *d, vaddr_t address)
{
    const struct hal_vspace *v = &d->vspace->hal;
    struct pt_walk walk = pt_walk(vspace_root(d->vspace), address - hal_vspace_base(v), hal_p2v);

    if (walk.found != PT_LEAF) {
        return "nothing is mapped there";
    }
    if (walk.leaf.rights & CAP_EXECUTE) {
        return "the page holds code";
    }
    return walk.leaf.rights & CAP_WRITE ? "the page holds data" : "the page is read-only";
}

/* The reason when the process tells one. */
static const char *told_reason(const struct dispatcher_user *user)
{
    switch (user != NULL ? *(const volatile uint32_t *)&user->fault_why : FAULT_WHY_TABLES) {
    case FAULT_WHY_STACK:
        return "the stack is used up";
    case FAULT_WHY_GUARD:
        return "a guard is there";
    case FAULT_WHY_NO_MEMORY:
        return "no memory is left for it";
    default:
        return NULL;
    }
}

/* ", thread NAME" as the process calls it, or nothing. It may change while it is read. */
static void thread_text(const struct dispatcher_user *user, char text[], size_t bytes)
{
    char name[sizeof(user->thread)];
    size_t length = 0;

    while (user != NULL && length < sizeof(name) - 1) {
        char c = *(const volatile char *)&user->thread[length];

        if (c < ' ' || c > '~') {
            break;
        }
        name[length++] = c;
    }
    name[length] = '\0';
    format_to(text, bytes, length != 0 ? ", thread %s" : "%s", name);
}

static const char *what(uint32_t kind)
{
    switch (kind) {
    case FAULT_ILLEGAL:
        return "illegal instruction";
    case FAULT_ALIGNMENT:
        return "unaligned access";
    case FAULT_BREAKPOINT:
        return "breakpoint";
    case FAULT_ARITHMETIC:
        return "arithmetic error";
    default:
        return "fault";
    }
}

/* The line people see has no address, so that it is the same in every world; the log has the numbers. */
static void report(const struct dispatcher *d, const struct hal_trap *trap)
{
    char line[DISPATCHER_LINE_BYTES];
    char function[64];
    char thread[sizeof(", thread ") + sizeof(((struct dispatcher_user *)NULL)->thread)];
    const struct dispatcher_user *user = dispatcher_user(d);
    const char *why = told_reason(user);
    vaddr_t pc = hal_context_pc(&d->context);
    size_t bytes;

    symbol_of_program(d->name, d->image_bytes, pc - d->image, function, sizeof(function));
    thread_text(user, thread, sizeof(thread));
    if (trap->kind == FAULT_MEMORY) {
        bytes = format_to(line, sizeof(line), "process %u (%s) ended in %s%s: cannot %s memory: %s\n",
                          d->process, d->name, function, thread, verb(trap->access),
                          why != NULL ? why : reason(d, trap->address));
    } else {
        bytes = format_to(line, sizeof(line), "process %u (%s) ended in %s%s: %s\n", d->process, d->name,
                          function, thread, what(trap->kind));
    }
    console_program_text(line, bytes);
    kernel_log("%.*s: address 0x%lx, access %u, pc 0x%lx, sp 0x%lx", (int)bytes - 1, line, trap->address,
               trap->access, pc, hal_context_sp(&d->context));
}

void fault(struct core *core, struct dispatcher *d, const struct hal_trap *trap)
{
    struct fault_record record = {
        .kind = trap->kind,
        .access = trap->access,
        .address = trap->address,
        .pc = hal_context_pc(&d->context),
        .sp = hal_context_sp(&d->context),
    };

    if (trap->kind == FAULT_MEMORY && hal_vspace_refill(&d->vspace->hal, trap->address, trap->access)) {
        return;
    }
    if (upcall_fault(d, &record)) {
        return;
    }
    dispatcher_flush_line(d);
    report(d, trap);
    end_dispatcher(core, d, EXIT_FAULT, EXIT_FAULTED, &record);
}
