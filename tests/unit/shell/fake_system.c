/* SPDX-License-Identifier: MIT */
#include "fake_system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake fake;

static void *plain_resize(void *context, void *block, size_t bytes)
{
    (void)context;
    if (bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, bytes);
}

/* Not the tests' memory: what the fake notes is none of the shell's. */
static const struct memory plain_memory = {.resize = plain_resize};

static bool failing(const char *name)
{
    return fake.fails && strcmp(fake.fails, name) == 0;
}

#define MAY_FAIL()                                                                                           \
    do {                                                                                                     \
        if (failing(__func__)) {                                                                             \
            return fake.with;                                                                                \
        }                                                                                                    \
    } while (0)

static err_t machine(void *context, struct system_machine *m)
{
    (void)context;
    MAY_FAIL();
    *m = (struct system_machine){.version = "0.1.0", .world = "fake"};
    return OK;
}

static err_t cores(void *context, system_core_each_t each, void *argument)
{
    const struct system_core all[] = {
        {.id = 0, .state = CORE_RUNNING, .processes = 3, .idle = 500000000, .up = 1000000000},
        {.id = 1, .state = CORE_RUNNING, .processes = 1, .idle = 990000000, .up = 1000000000},
        {.id = 2, .state = fake.third_core, .processes = 0, .idle = 0, .up = 0},
    };

    (void)context;
    MAY_FAIL();
    for (size_t i = 0; i < ARRAY_LENGTH(all) && each(argument, &all[i]); i++) {
    }
    return OK;
}

static nanos_t now(void *context)
{
    (void)context;
    return fake.now;
}

static bool take_interrupt(void)
{
    bool was = fake.interrupt;

    fake.interrupt = false;
    return was;
}

static err_t sleep_until(void *context, nanos_t deadline)
{
    (void)context;
    MAY_FAIL();
    if (take_interrupt()) {
        return err_make(ERR_CANCELLED, 0);
    }
    fake.now = deadline > fake.now ? deadline : fake.now;
    return OK;
}

static err_t power_off(void *context, uint8_t code)
{
    (void)context;
    MAY_FAIL();
    buffer_format(&fake.actions, "power off %u\n", code);
    return OK;
}

static err_t reboot(void *context)
{
    (void)context;
    MAY_FAIL();
    buffer_string(&fake.actions, "reboot\n");
    return OK;
}

/* --- processes ---- */

static struct fake_process *find(process_number_t number)
{
    for (size_t i = 0; i < fake.process_count; i++) {
        if (fake.processes[i].number == number && !fake.processes[i].waited) {
            return &fake.processes[i];
        }
    }
    return NULL;
}

/* Lets time do its work. */
static void settle(void)
{
    for (size_t i = 0; i < fake.process_count; i++) {
        if (fake.processes[i].ends <= fake.now) {
            fake.processes[i].state = PROCESS_ENDED;
        }
    }
}

static err_t processes(void *context, system_process_each_t each, void *argument)
{
    (void)context;
    MAY_FAIL();
    settle();
    for (size_t i = 0; i < fake.process_count; i++) {
        const struct fake_process *f = &fake.processes[i];
        struct system_process p = {.number = f->number,
                                   .parent = f->number > 4 ? 4 : PROCESS_NONE,
                                   .core = f->core,
                                   .state = f->state,
                                   .name = f->name,
                                   .threads = 1,
                                   .memory = 64 * 1024 * f->number,
                                   .capabilities = 20 + f->number,
                                   .time = 1000000 * f->number};
        if (!f->waited && !each(argument, &p)) {
            break;
        }
    }
    return OK;
}

static err_t spawn(void *context, const struct system_spawn *what, process_number_t *number)
{
    (void)context;
    MAY_FAIL();
    if (strcmp(what->argv[0], "hello") != 0 && strcmp(what->argv[0], "counter") != 0) {
        return err_push(err_make(ERR_CPIO_NOT_FOUND, 0), ERR_WHILE_SPAWN);
    }
    if (strcmp(what->caps, "all") == 0) {
        return err_make(ERR_NOT_FOUND, 0);
    }
    if (strcmp(what->caps, "log") == 0) {
        return err_make(ERR_CAP_MISSING_RIGHT, 0);
    }
    struct fake_process *p = &fake.processes[fake.process_count];
    *number = fake.process_count > 0 ? p[-1].number + 1 : 1;
    fake.process_count++;
    *p = (struct fake_process){.number = *number,
                               .core = what->core == CORE_NONE ? 0 : what->core,
                               .state = PROCESS_WAITING,
                               .exit = fake.next_exit,
                               .ends =
                                   fake.next_runs == NANOS_NEVER ? NANOS_NEVER : fake.now + fake.next_runs};
    snprintf(p->name, sizeof(p->name), "%s", what->argv[0]);
    buffer_format(&fake.actions, "spawn %s%s", what->foreground ? "" : "& ", what->caps);
    for (size_t i = 0; i < what->argc; i++) {
        buffer_format(&fake.actions, "[%s]", what->argv[i]);
    }
    buffer_format(&fake.actions, " on %u\n", p->core);
    return OK;
}

static err_t wait(void *context, process_number_t number, nanos_t deadline, struct system_exit *exit)
{
    (void)context;
    MAY_FAIL();
    struct fake_process *p = find(number);
    if (!p) {
        return err_make(ERR_PROC_NOT_FOUND, 0);
    }
    if (deadline > fake.now && take_interrupt()) {
        return err_make(ERR_CANCELLED, 0);
    }
    if (deadline > fake.now && p->ends != NANOS_NEVER) {
        fake.now = p->ends < fake.now ? fake.now : p->ends;
    }
    settle();
    if (p->state != PROCESS_ENDED) {
        return err_make(ERR_TIMEOUT, 0);
    }
    p->waited = true;
    *exit = p->exit;
    return OK;
}

static err_t kill(void *context, process_number_t number)
{
    (void)context;
    MAY_FAIL();
    struct fake_process *p = find(number);
    if (!p || p->state == PROCESS_ENDED) {
        return err_make(ERR_PROC_NOT_FOUND, 0);
    }
    p->state = PROCESS_ENDED;
    p->ends = fake.now;
    p->exit = (struct system_exit){.how = END_KILLED};
    buffer_format(&fake.actions, "kill %u\n", number);
    return OK;
}

/* --- memory and capabilities ---- */

static err_t memory(void *context, system_memory_each_t each, void *argument)
{
    (void)context;
    MAY_FAIL();
    for (size_t i = 0; i < ARRAY_LENGTH(fake.memory) && each(argument, &fake.memory[i]); i++) {
    }
    return OK;
}

static err_t memory_clients(void *context, system_client_each_t each, void *argument)
{
    static const struct system_client all[] = {
        {.core = 0, .process = 1, .name = "init", .used = 1 << 20, .quota = UINT64_MAX},
        {.core = 1, .process = 3, .name = "demo", .used = 4096, .quota = 3 << 20},
    };

    (void)context;
    MAY_FAIL();
    for (size_t i = 0; i < ARRAY_LENGTH(all) && each(argument, &all[i]); i++) {
    }
    return OK;
}

static err_t capabilities(void *context, process_number_t number, system_capability_each_t each,
                          void *argument)
{
    static const struct system_capability all[] = {
        {.slot = 1, .type = "Process", .rights = 21, .owner = 0},
        {.slot = 8, .type = "Handle", .rights = 10, .badge = 0x2a, .owner = 1},
        {.slot = CPTR(1, 0),
         .type = "Frame",
         .rights = 3,
         .has_range = true,
         .base = 0x80000000,
         .bytes = 8192,
         .owner = 0},
        {.slot = CPTR(1, 1),
         .type = "Frame",
         .rights = 3,
         .has_range = true,
         .base = 0x80002000,
         .bytes = 4096,
         .owner = 0},
        {.slot = CPTR(1, 17), .type = "Mapping", .rights = 1, .owner = CORE_NONE},
    };

    (void)context;
    MAY_FAIL();
    if (!find(number)) {
        return err_make(ERR_PROC_NOT_FOUND, 0);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(all) && each(argument, &all[i]); i++) {
    }
    return OK;
}

static err_t regions(void *context, process_number_t number, system_region_each_t each, void *argument)
{
    static const struct system_region all[] = {
        {.start = 0x400000, .bytes = 0x5000, .present = 0x5000, .rights = 5, .kind = "image"},
        {.start = 0x405000, .bytes = 0x1000, .present = 0x1000, .rights = 3, .kind = "image"},
        {.start = 0x406000, .bytes = 0x1000, .present = 0x1000, .rights = 3, .kind = "image"},
        {.start = 0x20000000, .bytes = 0x10000, .present = 0, .rights = 0, .kind = "guard"},
        {.start = 0x20010000,
         .bytes = 0xfff0000,
         .present = 0x2000,
         .rights = 3,
         .kind = "stack",
         .backed = true},
    };

    (void)context;
    MAY_FAIL();
    if (!find(number)) {
        return err_make(ERR_PROC_NOT_FOUND, 0);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(all) && each(argument, &all[i]); i++) {
    }
    return OK;
}

static err_t check(void *context, system_books_each_t each, void *argument)
{
    const struct system_books all[] = {
        {.core = 0, .server = "init"},
        {.core = 0, .server = "names", .mistakes = fake.books_wrong ? 2 : 0},
        {.core = 1, .server = "init"},
        {.core = 1, .server = "names", .error = err_make(ERR_PEER_GONE, 0)},
    };

    (void)context;
    MAY_FAIL();
    for (size_t i = 0; i < ARRAY_LENGTH(all) && each(argument, &all[i]); i++) {
    }
    return OK;
}

static err_t waits(void *context, system_wait_each_t each, void *argument)
{
    static const struct system_wait all[] = {
        {.process = 1, .core = 0, .name = "init", .on = "message"},
        {.process = 3,
         .thread = 1,
         .core = 1,
         .name = "demo",
         .on = "call",
         .whom = 2,
         .whom_name = "names",
         .service = "sys.names",
         .since = 5000000},
        {.process = 4,
         .core = 0,
         .name = "shell",
         .on = "call",
         .whom = 3,
         .whom_name = "demo",
         .service = "demo.echo",
         .since = 7000000},
        {.process = 2,
         .core = 0,
         .name = "names",
         .on = "call",
         .whom = 3,
         .whom_name = "demo",
         .service = "demo.echo",
         .since = 9000000},
    };

    (void)context;
    MAY_FAIL();
    for (size_t i = 0; i < ARRAY_LENGTH(all) - (fake.circle ? 0 : 1) && each(argument, &all[i]); i++) {
    }
    return OK;
}

/* --- files, log ---- */

static const struct {
    const char *name, *program, *text;
} files_there[] = {
    {"bin/hello", "hello",
     "\x7f"
     "ELF\x02"},
    {"bin/counter", "counter",
     "\x7f"
     "ELF"},
    {"boot.txt", NULL, "start names\nstart d\xc3\xa9mo\n"},
    {"first.msk", NULL, "echo one\n\n# a comment\nkill nobody\necho never\n"},
    {"odd name", NULL, ""},
};

static err_t files(void *context, system_file_each_t each, void *argument)
{
    (void)context;
    MAY_FAIL();
    for (size_t i = 0; i < ARRAY_LENGTH(files_there); i++) {
        struct system_file f = {.name = files_there[i].name,
                                .bytes = strlen(files_there[i].text) + (files_there[i].program ? 2000000 : 0),
                                .program = files_there[i].program};
        if (!each(argument, &f)) {
            break;
        }
    }
    return OK;
}

/* In pieces of 7 bytes, so that characters are cut. */
static err_t read_file(void *context, const char *name, uint64_t offset, void *buffer, size_t size,
                       size_t *count)
{
    (void)context;
    MAY_FAIL();
    for (size_t i = 0; i < ARRAY_LENGTH(files_there); i++) {
        const char *text = files_there[i].text;
        if (strcmp(files_there[i].name, name) == 0) {
            size_t left = strlen(text) - (size_t)offset;
            *count = left < 7 ? left : 7;
            *count = *count < size ? *count : size;
            memcpy(buffer, text + offset, *count);
            return OK;
        }
    }
    return err_make(ERR_CPIO_NOT_FOUND, 0);
}

static err_t read_log(void *context, coreid_t core, uint64_t *position, void *buffer, size_t size,
                      size_t *count)
{
    const char *text = core == 0 ? buffer_text(&fake.log) : core == 1 ? "core 1 is up\n" : "";

    (void)context;
    MAY_FAIL();
    size_t left = strlen(text) - (size_t)*position;
    *count = left < 64 ? left : 64;
    *count = *count < size ? *count : size;
    memcpy(buffer, text + *position, *count);
    *position += *count;
    return OK;
}

static err_t write_log(void *context, const char *text, size_t count)
{
    (void)context;
    MAY_FAIL();
    buffer_append(&fake.log, text, count);
    return OK;
}

/* --- names ---- */

static err_t check_name(const char *name)
{
    for (size_t i = 0; name[i]; i++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", name[i])) {
            return err_make(ERR_NAME_SYNTAX, i);
        }
    }
    return OK;
}

static err_t names(void *context, const char *prefix, system_name_each_t each, void *argument)
{
    static const struct system_name all[] = {
        {.name = "demo.count",
         .core = 1,
         .process = 3,
         .server = "demo",
         .generation = 1,
         .attributes = "kind=demo"},
        {.name = "demo.echo", .core = 1, .process = 3, .server = "demo", .generation = 2, .attributes = ""},
        {.name = "sys.names", .core = 0, .process = 2, .server = "names", .generation = 1, .attributes = ""},
    };
    size_t length = strlen(prefix);
    err_t e = check_name(prefix);

    (void)context;
    MAY_FAIL();
    if (!err_ok(e)) {
        return e;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(all) && !fake.no_services; i++) {
        bool below = strncmp(all[i].name, prefix, length) == 0 &&
                     (length == 0 || all[i].name[length] == '.' || all[i].name[length] == '\0');
        if (below && !each(argument, &all[i])) {
            break;
        }
    }
    return OK;
}

static err_t wait_name(void *context, const char *name, nanos_t deadline)
{
    err_t e = check_name(name);

    (void)context;
    (void)deadline;
    MAY_FAIL();
    if (!err_ok(e)) {
        return e;
    }
    return strcmp(name, "demo.echo") == 0 ? OK : err_make(ERR_TIMEOUT, 0);
}

static const struct system_field text_field[] = {{"text", TYPE_TEXT}};
static const struct system_field add_in[] = {{"a", TYPE_U8}, {"b", TYPE_I16}};
static const struct system_field add_out[] = {{"sum", TYPE_I64}};
static const struct system_field where_out[] = {{"server", TYPE_U32}, {"client", TYPE_U32}};
static const struct system_field odd_in[] = {{"on", TYPE_BOOL}, {"raw", TYPE_BYTES}};
static const struct system_field cap_in[] = {{"frame", TYPE_CAP}};

static const struct system_method echo_methods[] = {
    {"echo", text_field, 1, text_field, 1, "gives back what it is given"},
    {"add", add_in, 2, add_out, 1, ""},
    {"where", NULL, 0, where_out, 2, "tells the cores of server and client"},
    {"odd", odd_in, 2, odd_in, 2, ""},
    {"share", cap_in, 1, NULL, 0, "takes a frame"},
};

static err_t find_service(const char *service)
{
    err_t e = check_name(service);

    if (!err_ok(e)) {
        return e;
    }
    return strcmp(service, "demo.echo") == 0 ? OK : err_make(ERR_NAME_UNKNOWN, 0);
}

static err_t methods(void *context, const char *service, system_method_each_t each, void *argument)
{
    (void)context;
    MAY_FAIL();
    err_t e = find_service(service);
    for (size_t i = 0; err_ok(e) && i < ARRAY_LENGTH(echo_methods) && each(argument, &echo_methods[i]); i++) {
    }
    return e;
}

static err_t call(void *context, const char *service, const char *method, const struct system_value *values,
                  size_t count, system_value_each_t each, void *argument)
{
    struct system_value number = {.type = TYPE_U32};

    (void)context;
    MAY_FAIL();
    err_t e = find_service(service);
    if (!err_ok(e)) {
        return e;
    }
    if (strcmp(method, "add") == 0) {
        number.type = TYPE_I64;
        number.name = "sum";
        number.number = values[0].number + values[1].number;
        each(argument, &number);
    } else if (strcmp(method, "where") == 0) {
        number.name = "server";
        number.number = 1;
        each(argument, &number);
        number.name = "client";
        number.number = 0;
        each(argument, &number);
    } else {
        const struct system_field *fields = strcmp(method, "odd") == 0 ? odd_in : text_field;

        for (size_t i = 0; i < count; i++) {
            struct system_value value = values[i];

            value.name = fields[i].name;
            each(argument, &value);
        }
    }
    return OK;
}

/* --- the terminal ---- */

static err_t terminal(void *context, struct system_terminal *t)
{
    (void)context;
    MAY_FAIL();
    *t = fake.terminal;
    return OK;
}

static err_t read(void *context, void *buffer, size_t size, size_t *count)
{
    (void)context;
    MAY_FAIL();
    size_t left = fake.input ? strlen(fake.input) : 0;
    *count = left < size ? left : size;
    if (fake.input_piece > 0 && *count > fake.input_piece) {
        *count = fake.input_piece;
    }
    memcpy(buffer, fake.input ? fake.input : "", *count);
    fake.input = fake.input ? fake.input + *count : NULL;
    return OK;
}

static err_t write(void *context, const char *bytes, size_t count)
{
    (void)context;
    MAY_FAIL();
    buffer_append(&fake.written, bytes, count);
    return OK;
}

static bool interrupted(void *context)
{
    (void)context;
    return take_interrupt();
}

const struct system fake_system = {
    .self = 4,
    .core = 0,
    .machine = machine,
    .cores = cores,
    .now = now,
    .sleep_until = sleep_until,
    .power_off = power_off,
    .reboot = reboot,
    .processes = processes,
    .spawn = spawn,
    .wait = wait,
    .kill = kill,
    .memory = memory,
    .memory_clients = memory_clients,
    .capabilities = capabilities,
    .regions = regions,
    .waits = waits,
    .check = check,
    .files = files,
    .read_file = read_file,
    .read_log = read_log,
    .write_log = write_log,
    .names = names,
    .wait_name = wait_name,
    .methods = methods,
    .call = call,
    .terminal = terminal,
    .read = read,
    .write = write,
    .interrupted = interrupted,
};

static void add_process(process_number_t number, coreid_t core, const char *name)
{
    struct fake_process *p = &fake.processes[fake.process_count++];

    *p = (struct fake_process){.number = number, .core = core, .state = PROCESS_WAITING, .ends = NANOS_NEVER};
    snprintf(p->name, sizeof(p->name), "%s", name);
}

void fake_reset(void)
{
    fake = (struct fake){
        .now = 10000000, .third_core = CORE_STOPPED, .next_runs = 1000000, .next_exit = {.how = END_EXIT}};
    buffer_init(&fake.written, &plain_memory);
    buffer_init(&fake.log, &plain_memory);
    buffer_init(&fake.actions, &plain_memory);
    buffer_string(&fake.log, "kernel: core 0 of 3\nkernel: ready\n");
    add_process(1, 0, "init");
    add_process(2, 0, "names");
    add_process(3, 1, "demo");
    add_process(4, 0, "shell");
    add_process(5, 1, "init");
    fake.terminal = (struct system_terminal){.interactive = true, .columns = 40, .rows = 10};
    fake.memory[0] = (struct system_memory){.core = 0,
                                            .total = 128 << 20,
                                            .free = 96 << 20,
                                            .used = 30 << 20,
                                            .reserved = 2 << 20,
                                            .largest = 64 << 20};
    fake.memory[1] = (struct system_memory){
        .core = 1, .total = 64 << 20, .free = 61 << 20, .used = 3 << 20, .reserved = 0, .largest = 32 << 20};
}

void fake_free(void)
{
    buffer_free(&fake.written);
    buffer_free(&fake.log);
    buffer_free(&fake.actions);
}
