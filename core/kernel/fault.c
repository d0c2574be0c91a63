/* SPDX-License-Identifier: MIT */
#include "fault.h"
#include <mudskipper/abi/cap.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>
#include <mudskipper/pure/page_table.h>
#include "console.h"
#include "core.h"
#include "dispatcher.h"
#include "end.h"
#include "upcall.h"

/* Of the search for a function, in one step of the report. */
#define SEARCH_STEPS 4u

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

/* ---- the report, in steps: each is short, and the core takes interrupts between them */

static void find_function(struct dispatcher *d)
{
    for (unsigned i = 0; i < SEARCH_STEPS; i++) {
        if (symbol_search_step(&d->report.search)) {
            d->report.stage = REPORT_SHOW;
            return;
        }
    }
}

static struct text function_text(const struct dispatcher *d)
{
    struct symbol symbol;

    return symbol_search_result(&d->report.search, hal_context_pc(&d->context) - d->image, &symbol)
               ? symbol.name
               : text_of("unknown code");
}

/* The line people see has no address, so that it is the same in every world; the log has the numbers. It is
 * made where the program's own last words were. */
static void show(struct dispatcher *d)
{
    const struct fault_record *record = &d->report.record;
    struct text function = function_text(d);
    char thread[sizeof(", thread ") + sizeof(((struct dispatcher_user *)NULL)->thread)];
    struct format_buffer line = format_buffer(d->line, sizeof(d->line));

    thread_text(dispatcher_user(d), thread, sizeof(thread));
    format(format_into, &line, "process %u (%s) ended in %.*s%s: ", d->process, d->name, (int)function.length,
           function.start, thread);
    if (record->kind == FAULT_MEMORY) {
        format(format_into, &line, "cannot %s memory: %s\n", verb(record->access), d->report.why);
    } else {
        format(format_into, &line, "%s\n", what(record->kind));
    }
    d->report.bytes = line.used;
    console_program_text(d->line, line.used);
    d->report.stage = REPORT_NUMBERS;
}

static void add_numbers(struct dispatcher *d)
{
    const struct fault_record *record = &d->report.record;
    size_t before = d->report.bytes - 1; /* the newline goes */
    struct format_buffer line = format_buffer(d->line + before, sizeof(d->line) - before);

    format(format_into, &line, ": address 0x%lx, access %u, pc 0x%lx, sp 0x%lx", record->address,
           record->access, record->pc, record->sp);
    d->report.bytes = before + line.used;
    d->report.stage = REPORT_LOG;
}

static void log_all(struct dispatcher *d)
{
    kernel_log_text(d->line, d->report.bytes);
    d->report.stage = REPORT_END;
}

void fault_continue(struct core *core, struct dispatcher *d)
{
    switch (d->report.stage) {
    case REPORT_FUNCTION:
        find_function(d);
        break;
    case REPORT_SHOW:
        show(d);
        break;
    case REPORT_NUMBERS:
        add_numbers(d);
        break;
    case REPORT_LOG:
        log_all(d);
        break;
    default:
        d->report.stage = REPORT_NONE;
        end_dispatcher(core, d, EXIT_FAULT, EXIT_FAULTED, &d->report.record);
        break;
    }
}

/* It stays ready, and first it is told why it goes: what is found out here may be another thing by the time
 * it is said. */
static void begin_report(struct dispatcher *d, const struct fault_record *record)
{
    const char *told = record->kind == FAULT_MEMORY ? told_reason(dispatcher_user(d)) : NULL;

    d->report.record = *record;
    d->report.why = NULL;
    if (record->kind == FAULT_MEMORY) {
        d->report.why = told != NULL ? told : reason(d, record->address);
    }
    symbol_search_program(&d->report.search, d->name, d->image_bytes, record->pc - d->image);
    d->report.stage = REPORT_FUNCTION;
    d->unfinished = true;
}

void fault(struct dispatcher *d, const struct hal_trap *trap)
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
    begin_report(d, &record);
}
