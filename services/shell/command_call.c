/* SPDX-License-Identifier: MIT */
/* Calls a service by what it says about itself: which methods, with arguments of which types. */
#include "command.h"

#include "value.h"

/* --- call NAME ---- */

static bool add_method(void *argument, const struct system_method *method)
{
    struct table *t = argument;

    method_put(&t->cell, method);
    table_cell(t, "%s", "");
    table_cell(t, "%s", method->help);
    return !t->failed;
}

static err_t list_methods(struct shell *sh, const char *service)
{
    struct table t;

    table_init(&t, sh->memory, "METHOD PURPOSE");
    err_t e = sh->system->methods(sh->system->context, service, add_method, &t);
    if (err_ok(e)) {
        return print_table(sh, &t);
    }
    table_free(&t);
    return shell_fail_with(sh, e, "%s", service);
}

/* --- call NAME METHOD ARG... ---- */

struct call {
    const struct memory *memory;
    const char *service;
    const char *method;
    size_t argc;
    char *const *argv;
    bool found;
    bool failed;                 /* no memory */
    struct buffer signature;     /* for messages */
    struct buffer complaint;     /* an argument does not fit; empty: all do */
    struct system_value *values; /* argc */
    struct buffer *bytes;        /* argc: what hexadecimal arguments stand for */
    struct buffer output;        /* results so far */
};

static void read_arguments(struct call *c, const struct system_method *m)
{
    if (c->argc != m->argument_count) {
        buffer_format(&c->complaint, "%zu argument%s given, %zu wanted", c->argc, c->argc == 1 ? "" : "s",
                      m->argument_count);
        return;
    }
    for (size_t i = 0; i < c->argc; i++) {
        const struct system_field *field = &m->arguments[i];
        const char *wrong = value_read(field->type, c->argv[i], &c->bytes[i], &c->values[i]);
        if (wrong) {
            buffer_format(&c->complaint, "argument %zu (%s: %s): '%s' %s", i + 1, field->name,
                          type_name(field->type), c->argv[i], wrong);
            return;
        }
    }
}

/* What a method is, is known in this callback only. */
static bool prepare(void *argument, const struct system_method *m)
{
    struct call *c = argument;

    if (!str_equal(m->name, c->method)) {
        return true;
    }
    c->found = true;
    c->failed = !method_put(&c->signature, m);
    read_arguments(c, m);
    return false;
}

static bool take_result(void *argument, const struct system_value *value)
{
    struct call *c = argument;

    buffer_format(&c->output, "%s: ", value->name);
    value_put(&c->output, value);
    buffer_byte(&c->output, '\n');
    return true;
}

static bool call_init(struct call *c, struct shell *sh, const struct arguments *a)
{
    *c = (struct call){.memory = sh->memory,
                       .service = a->words[0],
                       .method = a->words[1],
                       .argc = a->count - 2,
                       .argv = a->words + 2};
    buffer_init(&c->signature, c->memory);
    buffer_init(&c->complaint, c->memory);
    buffer_init(&c->output, c->memory);
    /* One more than needed, so that no argument at all is no special case. */
    c->values = memory_resize(c->memory, NULL, (c->argc + 1) * sizeof(*c->values));
    c->bytes = memory_resize(c->memory, NULL, (c->argc + 1) * sizeof(*c->bytes));
    for (size_t i = 0; c->bytes && i < c->argc; i++) {
        buffer_init(&c->bytes[i], c->memory);
    }
    return c->values && c->bytes;
}

static void call_free(struct call *c)
{
    for (size_t i = 0; c->bytes && i < c->argc; i++) {
        buffer_free(&c->bytes[i]);
    }
    memory_free(c->memory, c->bytes);
    memory_free(c->memory, c->values);
    buffer_free(&c->signature);
    buffer_free(&c->complaint);
    buffer_free(&c->output);
}

/* Finds the method and decides whether the arguments fit. */
static err_t check_call(struct shell *sh, struct call *c)
{
    err_t e = sh->system->methods(sh->system->context, c->service, prepare, c);

    if (!err_ok(e)) {
        return shell_fail_with(sh, e, "%s", c->service);
    }
    if (c->failed || c->complaint.failed) {
        return shell_no_memory(sh);
    }
    if (!c->found) {
        return shell_fail(sh, err_make(ERR_MSG_NO_METHOD, 0),
                          "%s has no method called %s; call %s lists them", c->service, c->method,
                          c->service);
    }
    if (c->complaint.length > 0) {
        return shell_fail(sh, err_make(ERR_BAD_ARGUMENT, 0), "%s (it is %s)", buffer_text(&c->complaint),
                          buffer_text(&c->signature));
    }
    return OK;
}

static err_t make_call(struct shell *sh, struct call *c)
{
    shell_flush(sh);
    err_t e =
        sh->system->call(sh->system->context, c->service, c->method, c->values, c->argc, take_result, c);
    if (!err_ok(e)) {
        return shell_fail_with(sh, e, "%s %s", c->service, c->method);
    }
    if (c->output.failed) {
        return shell_no_memory(sh);
    }
    shell_print_buffer(sh, &c->output);
    return OK;
}

err_t command_call(struct shell *sh, const struct arguments *a)
{
    struct call c;
    err_t e;

    if (a->count == 1) {
        return list_methods(sh, a->words[0]);
    }
    if (call_init(&c, sh, a)) {
        e = check_call(sh, &c);
        e = err_ok(e) ? make_call(sh, &c) : e;
    } else {
        e = shell_no_memory(sh);
    }
    call_free(&c);
    return e;
}
