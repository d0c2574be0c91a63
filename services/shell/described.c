/* SPDX-License-Identifier: MIT */
#include "described.h"

#include "strings.h"

static enum system_type type_of(enum rpc_type type)
{
    static const enum system_type types[] = {
        [RPC_TYPE_U8] = TYPE_U8,       [RPC_TYPE_U16] = TYPE_U16,   [RPC_TYPE_U32] = TYPE_U32,
        [RPC_TYPE_U64] = TYPE_U64,     [RPC_TYPE_BOOL] = TYPE_BOOL, [RPC_TYPE_STRING] = TYPE_TEXT,
        [RPC_TYPE_BYTES] = TYPE_BYTES, [RPC_TYPE_CAP] = TYPE_CAP,   [RPC_TYPE_CAP_OPTIONAL] = TYPE_CAP,
    };

    return types[type];
}

/* Fields as they are taken apart. */
struct flat {
    const struct memory *memory;
    struct buffer path;
    struct strings names;
    enum system_type *types; /* as many as names */
    size_t room;
    struct system_field *fields; /* put together at the end */
    bool failed;
};

static void flat_init(struct flat *f, const struct memory *memory)
{
    *f = (struct flat){.memory = memory};
    buffer_init(&f->path, memory);
    strings_init(&f->names, memory);
}

static void flat_free(struct flat *f)
{
    buffer_free(&f->path);
    strings_free(&f->names);
    memory_free(f->memory, f->types);
    memory_free(f->memory, f->fields);
}

static bool make_room(struct flat *f)
{
    size_t room = f->room > 0 ? 2 * f->room : 8;
    enum system_type *types;

    if (f->names.count < f->room) {
        return true;
    }
    types = memory_resize(f->memory, f->types, room * sizeof(*types));
    if (types) {
        f->types = types;
        f->room = room;
    }
    return types != NULL;
}

static void add(struct flat *f, enum rpc_type type)
{
    size_t index = f->names.count;

    if (f->path.failed || !make_room(f) || !strings_add_string(&f->names, buffer_text(&f->path))) {
        f->failed = true;
        return;
    }
    f->types[index] = type_of(type);
}

/* Structs use structs before them only, so this ends. */
static void take_apart(struct flat *f, struct rpc_fields fields)
{
    size_t begin = f->path.length;
    struct rpc_field field;

    while (!f->failed && rpc_fields_next(&fields, &field)) {
        buffer_format(&f->path, "%s%s%s", begin > 0 ? "." : "", field.name, field.is_list ? "[]" : "");
        if (field.type == RPC_TYPE_STRUCT) {
            take_apart(f, rpc_struct_fields(fields.description, field.structure, NULL));
        } else {
            add(f, field.type);
        }
        buffer_remove(&f->path, begin, f->path.length - begin);
    }
}

static const struct system_field *flat_fields(struct flat *f, struct rpc_fields fields)
{
    take_apart(f, fields);
    f->fields = memory_resize(f->memory, NULL, (f->names.count + 1) * sizeof(*f->fields));
    if (!f->fields) {
        f->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < f->names.count && !f->failed; i++) {
        f->fields[i] = (struct system_field){.name = f->names.items[i], .type = f->types[i]};
    }
    return f->fields;
}

/* The first sentence of what a method is for; the others are for who reads the interface. */
static bool put_purpose(struct buffer *to, const char *help)
{
    size_t length = 0;

    while (help[length] != '\0' &&
           !(help[length] == '.' && (help[length + 1] == ' ' || help[length + 1] == '\0'))) {
        length++;
    }
    return buffer_set(to, help, length);
}

/* *go_on: what `each` said. */
static err_t tell(const struct memory *memory, const struct rpc_method *from, system_method_each_t each,
                  void *argument, bool *go_on)
{
    struct flat arguments;
    struct flat results;
    struct buffer purpose;
    struct system_method method = {.name = from->name};
    err_t e = OK;

    flat_init(&arguments, memory);
    flat_init(&results, memory);
    buffer_init(&purpose, memory);
    method.arguments = flat_fields(&arguments, from->arguments);
    method.argument_count = arguments.names.count;
    method.results = flat_fields(&results, from->results);
    method.result_count = results.names.count;
    if (!put_purpose(&purpose, from->help) || arguments.failed || results.failed) {
        e = err_make(ERR_NO_MEMORY, 0);
    } else {
        method.help = buffer_text(&purpose);
        *go_on = each(argument, &method);
    }
    buffer_free(&purpose);
    flat_free(&arguments);
    flat_free(&results);
    return e;
}

err_t described_methods(const struct memory *memory, const struct rpc_description *d,
                        system_method_each_t each, void *argument)
{
    struct rpc_method method;
    size_t at = 0;
    bool go_on = true;
    err_t e = OK;

    while (err_ok(e) && go_on && rpc_description_next(d, &at, &method)) {
        e = tell(memory, &method, each, argument, &go_on);
    }
    return e;
}

/* ---- values ---- */

struct rpc_value described_to_send(const struct system_value *value)
{
    static const enum rpc_type types[] = {
        [TYPE_BOOL] = RPC_TYPE_BOOL,   [TYPE_U8] = RPC_TYPE_U8,       [TYPE_U16] = RPC_TYPE_U16,
        [TYPE_U32] = RPC_TYPE_U32,     [TYPE_U64] = RPC_TYPE_U64,     [TYPE_I8] = RPC_TYPE_U8,
        [TYPE_I16] = RPC_TYPE_U16,     [TYPE_I32] = RPC_TYPE_U32,     [TYPE_I64] = RPC_TYPE_U64,
        [TYPE_TEXT] = RPC_TYPE_STRING, [TYPE_BYTES] = RPC_TYPE_BYTES, [TYPE_CAP] = RPC_TYPE_CAP,
    };

    return (struct rpc_value){
        .type = types[value->type], .number = value->number, .bytes = value->bytes, .count = value->count};
}

struct system_value described_to_show(const char *name, const struct rpc_value *value)
{
    return (struct system_value){.name = name,
                                 .type = type_of(value->type),
                                 .number = value->number,
                                 .bytes = value->bytes,
                                 .count = value->count};
}
