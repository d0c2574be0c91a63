/* SPDX-License-Identifier: MIT */
#include "suite.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <mudskipper/pure/format.h>
#include "commands.h"

#define CORES_MAX     256u
#define TEST_DEADLINE ((nanos_t)10 * 1000 * MILLISECOND)

static const struct test *const groups[] = {memory_tests, context_tests, fault_tests, vspace_tests,
                                            time_tests,   core_tests,    irq_tests,   port_tests};

static const struct boot_info *info;
static struct test_run run;
static unsigned group;
static const struct test *current;
static unsigned number;
static unsigned failures;
static struct agent agents[CORES_MAX];
static bool agents_started;
static bool commanded; /* no tests */

/* --- output --- */

static void out(void *context, const char *bytes, size_t count)
{
    (void)context;
    hal_console_write(bytes, count);
}

static void print(const char *text, ...) __attribute__((format(printf, 1, 2)));
static void print(const char *text, ...)
{
    char line[512];
    va_list args;

    va_start(args, text);
    format_args_to(line, sizeof(line), text, args);
    va_end(args);
    out(NULL, line, str_length(line));
}

_Noreturn void kernel_panic(const char *text, ...)
{
    char line[512];
    uintptr_t frames[16];
    va_list args;
    unsigned count;

    va_start(args, text);
    format_args_to(line, sizeof(line), text, args);
    va_end(args);
    print("Bail out! kernel panic on core %u: %s\n", hal_core_id(), line);
    count = hal_backtrace(frames, 16);
    for (unsigned i = 0; i < count; i++) {
        print("#   kernel+0x%lx\n", frames[i]);
    }
    hal_power_off(134);
}

/* --- tests --- */

static void clean_up(void);

static bool can_run(const struct test *test)
{
    return info->cores >= (test->needs & NEEDS_CORES) && (test->needs & port_lacks()) == 0;
}

static unsigned count_tests(void)
{
    unsigned count = 0;

    for (unsigned g = 0; g < ARRAY_LENGTH(groups); g++) {
        for (const struct test *each = groups[g]; each->id != NULL; each++) {
            count += can_run(each);
        }
    }
    return count;
}

struct hal_next test_end(struct test_run *t)
{
    t->at = UINT32_MAX;
    return DONE;
}

struct hal_next test_fail(struct test_run *t, const char *file, unsigned line, const char *what, uint64_t is,
                          uint64_t wanted)
{
    t->failed = true;
    print("# %s:%u: %s", file, line, what);
    if (is != wanted) {
        print(": 0x%lx, not 0x%lx", is, wanted);
    }
    print("; last trap: cause %d kind %u access %u address 0x%lx\n", (int)t->trap.cause, t->trap.kind,
          t->trap.access, t->trap.address);
    return test_end(t);
}

static void report(void)
{
    const char *word = run.failed ? "not ok" : "ok";

    failures += run.failed;
    print("%s %u - %s %s\n", word, ++number, current->id, current->sentence);
}

/* The next test, or the end of the machine. */
static void next_test(void)
{
    do {
        current = current == NULL ? groups[0] : current + 1;
        while (current->id == NULL) {
            if (++group == ARRAY_LENGTH(groups)) {
                hal_power_off(failures == 0 ? 0 : 1);
            }
            current = groups[group];
        }
    } while (!can_run(current));
    run = (struct test_run){.refills = true};
}

/* Calls the current test, and the ones after it, until one wants something to run. */
static struct hal_next go_on(void)
{
    for (;;) {
        struct hal_next next = current->run(&run);

        if (run.at != UINT32_MAX) {
            return next;
        }
        clean_up();
        report();
        next_test();
    }
}

struct hal_next kernel_boot(const struct boot_info *given)
{
    info = given;
    commanded = command_run(machine_command_line());
    if (commanded) {
        return command_event();
    }
    print("TAP version 13\n1..%u\n", count_tests());
    hal_set_core_data(&agents[0]);
    next_test();
    return go_on();
}

static struct hal_next last_next;

/* A fault that only the TLB is to blame for is none of the test's business. */
static bool refill(const struct hal_trap *trap)
{
    if (!run.refills || trap->cause != HAL_FAULT || trap->kind != FAULT_MEMORY || last_next.vspace == NULL ||
        !hal_vspace_refill(last_next.vspace, trap->address, trap->access)) {
        return false;
    }
    run.refilled++;
    return true;
}

struct hal_next kernel_enter(const struct hal_trap *trap)
{
    if (hal_core_id() != 0) {
        struct agent *a = hal_core_data();
        struct hal_next (*on_event)(struct agent *, const struct hal_trap *) = atomic_load(&a->on_event);
        struct hal_next next = on_event != NULL ? on_event(a, trap) : IDLE;

        atomic_fetch_add(&a->events, 1);
        return next;
    }
    if (commanded) {
        return command_event();
    }
    if (!refill(trap)) {
        run.trap = *trap;
        last_next = go_on();
    }
    return last_next;
}

/* --- other cores --- */

void kernel_tell_waits(const void *core, void (*line)(const char *text, size_t count))
{
    (void)core;
    (void)line;
}

const char *kernel_check_at_rest(const void *core)
{
    (void)core;
    return NULL;
}

struct hal_next kernel_core_main(void)
{
    struct agent *a = &agents[hal_core_id()];

    if (command_on_other_core()) {
        return IDLE;
    }
    hal_set_core_data(hal_core_data() == NULL ? a : NULL);
    atomic_store(&a->up, 1);
    return IDLE;
}

struct agent *agent_of(coreid_t core)
{
    return &agents[core];
}

void agents_start(void)
{
    if (!agents_started) {
        for (coreid_t i = 1; i < info->cores; i++) {
            hal_core_start(i);
            wait_for(&agents[i].up, 1);
        }
        agents_started = true;
    }
}

bool wait_for(_Atomic uint64_t *word, uint64_t value)
{
    nanos_t end = hal_now() + TEST_DEADLINE;

    while (atomic_load(word) < value) {
        if (hal_now() > end) {
            return false;
        }
        hal_relax();
    }
    return true;
}

/* --- memory and programs --- */

static paddr_t next_page;
static struct space *spaces;

const struct boot_info *machine(void)
{
    return info;
}

const char *machine_command_line(void)
{
    return (const char *)info + info->command_line;
}

/* The largest piece: on boards small ones lie around what the boot loader placed. */
static const struct boot_memory_range *free_memory(void)
{
    const struct boot_memory_range *m = (const void *)((const char *)info + info->memory);
    const struct boot_memory_range *best = NULL;

    for (uint32_t i = 0; i < info->memory_count; i++) {
        if (m[i].kind == BOOT_MEMORY_FREE && (best == NULL || m[i].bytes > best->bytes)) {
            best = &m[i];
        }
    }
    if (best == NULL) {
        kernel_panic("the machine has no free memory");
    }
    return best;
}

paddr_t pages_take(unsigned count)
{
    const struct boot_memory_range *m = free_memory();
    paddr_t page;

    if (next_page == 0) {
        next_page = (m->base + PAGE_MASK) & ~PAGE_MASK;
    }
    page = next_page;
    next_page += count * PAGE_SIZE;
    if (next_page > m->base + m->bytes) {
        kernel_panic("the tests need more memory than the machine has");
    }
    mem_set(hal_p2v(page), 0, count * PAGE_SIZE);
    return page;
}

paddr_t page_take(void)
{
    return pages_take(1);
}

void space_make(struct space *s)
{
    *s = (struct space){.root = page_take(), .next = spaces, .link = &spaces};
    if (!hal_vspace_init(&s->vs, s->root)) {
        kernel_panic("no address space");
    }
    if (spaces != NULL) {
        spaces->link = &s->next;
    }
    spaces = s;
}

void space_destroy(struct space *s)
{
    hal_vspace_destroy(&s->vs);
    *s->link = s->next;
    if (s->next != NULL) {
        s->next->link = s->link;
    }
}

vaddr_t space_at(const struct space *s, uint64_t offset)
{
    return hal_vspace_base(&s->vs) + offset;
}

void space_write(struct space *s, uint64_t offset, pte_t leaf)
{
    pte_t *table = hal_p2v(s->root);

    for (unsigned level = 0; level < PT_LEVELS - 1; level++) {
        pte_t *entry = &table[pt_index(offset, level)];

        if (*entry == 0) {
            *entry = pt_table(page_take());
        }
        table = hal_p2v(pte_next_table(*entry));
    }
    table[pt_index(offset, PT_LEVELS - 1)] = leaf;
}

void space_map(struct space *s, uint64_t offset, paddr_t page, unsigned rights)
{
    if ((rights & CAP_EXECUTE) != 0) {
        hal_sync_code(page, PAGE_SIZE);
    }
    space_write(s, offset, pt_leaf(PT_LEVELS - 1, page, rights, PT_MEMORY_NORMAL));
    hal_vspace_mapped(&s->vs, space_at(s, offset), PAGE_SIZE);
}

void space_change(struct space *s, uint64_t offset, paddr_t page, unsigned rights)
{
    space_write(s, offset, 0);
    hal_vspace_changed(&s->vs, space_at(s, offset), PAGE_SIZE);
    space_map(s, offset, page, rights);
}

void space_unmap(struct space *s, uint64_t offset)
{
    space_write(s, offset, 0);
    hal_vspace_changed(&s->vs, space_at(s, offset), PAGE_SIZE);
}

/* Puts back what the test changed, whether it came to its end or not. */
static void clean_up(void)
{
    port_expect_bad_access(false);
    hal_timer_set(NANOS_NEVER);
    while (spaces != NULL) {
        space_destroy(spaces);
    }
    next_page = 0;
}

extern const char __start_user_code[], __stop_user_code[];

/* Copied at the same place in a page, because code may address itself by pages. */
static uint64_t copy_code(struct program *p)
{
    uintptr_t first = (uintptr_t)__start_user_code & ~(uintptr_t)PAGE_MASK;
    uint64_t bytes = (uint64_t)((uintptr_t)__stop_user_code - first);
    uint64_t pages = (bytes + PAGE_MASK) / PAGE_SIZE;

    p->code_page = pages_take((unsigned)pages);
    mem_copy((char *)hal_p2v(p->code_page) + ((uintptr_t)__start_user_code - first), __start_user_code,
             (size_t)(__stop_user_code - __start_user_code));
    return pages;
}

vaddr_t program_entry(const struct program *p, void (*entry)(struct user_data *))
{
    uintptr_t first = (uintptr_t)__start_user_code & ~(uintptr_t)PAGE_MASK;

    return space_at(&p->space, PROGRAM_CODE) + ((uintptr_t)entry - first);
}

void program_make(struct program *p, void (*entry)(struct user_data *))
{
    uint64_t code_pages;

    space_make(&p->space);
    code_pages = copy_code(p);
    for (uint64_t i = 0; i < code_pages; i++) {
        space_map(&p->space, PROGRAM_CODE + i * PAGE_SIZE, p->code_page + i * PAGE_SIZE, RX);
    }
    p->data_page = page_take();
    p->data = hal_p2v(p->data_page);
    p->data->gate = hal_gate();
    p->data->wide = port_wide_vectors();
    mem_put64(&p->data->two, 0x4000000000000000u); /* the kernel may have no floating point */
    space_map(&p->space, PROGRAM_DATA, p->data_page, RW);
    for (uint64_t i = 0; i < PROGRAM_STACK_SIZE; i += PAGE_SIZE) {
        space_map(&p->space, PROGRAM_STACK + i, page_take(), RW);
    }
    hal_context_init(&p->context, program_entry(p, entry),
                     space_at(&p->space, PROGRAM_STACK + PROGRAM_STACK_SIZE),
                     space_at(&p->space, PROGRAM_DATA));
}

struct hal_next program_next(struct program *p)
{
    return (struct hal_next){&p->space.vs, &p->context};
}

uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
