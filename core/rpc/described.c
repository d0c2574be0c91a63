/* SPDX-License-Identifier: MIT */
/* Calls whose types are known at run time only. Recursion ends: a description that was accepted is at most
 * RPC_DEPTH_MAX structs deep. */
#include <mudskipper/rpc/describe.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/format.h>

/* ---- arguments
 * ------------------------------------------------------------------------------------------------------ */

struct arguments {
    struct rpc_message *message;
    const struct rpc_value *values;
    size_t count;
    size_t next;
    err_t error;
};

static void fail(struct arguments *a, err_t e)
{
    if (err_ok(a->error)) {
        a->error = e;
    }
}

static unsigned number_bytes(enum rpc_type type)
{
    switch (type) {
    case RPC_TYPE_U8:
        return 1;
    case RPC_TYPE_U16:
        return 2;
    case RPC_TYPE_U32:
        return 4;
    case RPC_TYPE_U64:
        return 8;
    default:
        return 0;
    }
}

static bool is_cap(enum rpc_type type)
{
    return type == RPC_TYPE_CAP || type == RPC_TYPE_CAP_OPTIONAL;
}

/* Whether a value can stand for a field. */
static bool fits(const struct rpc_field *f, const struct rpc_value *v)
{
    unsigned bytes = number_bytes(f->type);

    if (bytes > 0) {
        return number_bytes(v->type) > 0 && (bytes == 8 || v->number >> 8 * bytes == 0);
    }
    if (f->type == RPC_TYPE_BOOL) {
        return v->type == RPC_TYPE_BOOL && v->number <= 1;
    }
    if (is_cap(f->type)) {
        return is_cap(v->type) && v->number <= UINT32_MAX &&
               (v->number != CPTR_NULL || f->type == RPC_TYPE_CAP_OPTIONAL);
    }
    if (f->type == RPC_TYPE_STRING && v->count > 0 && str_length_max(v->bytes, v->count) < v->count) {
        return false;
    }
    return v->type == f->type && v->count <= f->max;
}

static void put_value(struct rpc_message *m, const struct rpc_field *f, const struct rpc_value *v)
{
    switch (f->type) {
    case RPC_TYPE_U8:
        rpc_put_u8(m, (uint8_t)v->number);
        break;
    case RPC_TYPE_U16:
        rpc_put_u16(m, (uint16_t)v->number);
        break;
    case RPC_TYPE_U32:
        rpc_put_u32(m, (uint32_t)v->number);
        break;
    case RPC_TYPE_U64:
        rpc_put_u64(m, v->number);
        break;
    case RPC_TYPE_BOOL:
        rpc_put_bool(m, v->number != 0);
        break;
    case RPC_TYPE_STRING:
        rpc_put_bytes(m, v->bytes, v->count, f->max);
        rpc_put_u8(m, 0);
        break;
    case RPC_TYPE_BYTES:
        rpc_put_bytes(m, v->bytes, v->count, f->max);
        break;
    default:
        rpc_put_cap(m, (cptr_t)v->number, f->type == RPC_TYPE_CAP_OPTIONAL);
        break;
    }
}

static void put_fields(struct arguments *a, struct rpc_fields fields)
{
    struct rpc_field f;

    while (err_ok(a->error) && rpc_fields_next(&fields, &f)) {
        if (f.is_list) {
            fail(a, err_make(ERR_NOT_SUPPORTED, 0));
        } else if (f.type == RPC_TYPE_STRUCT) {
            put_fields(a, rpc_struct_fields(fields.description, f.structure, NULL));
        } else if (a->next == a->count || !fits(&f, &a->values[a->next])) {
            fail(a, err_make(ERR_BAD_ARGUMENT, a->next));
        } else {
            put_value(a->message, &f, &a->values[a->next++]);
        }
    }
}

/* ---- results
 * -------------------------------------------------------------------------------------------------------- */

/* Results are walked over twice: once to see that they are right, then to show them. */
struct results {
    struct rpc_reader *reader;
    const struct rpc_slots *slots;
    rpc_value_each_t each; /* NULL: only look */
    void *argument;
    bool enough;
    char path[RPC_PATH_MAX];
};

static struct rpc_value get_value(struct rpc_reader *r, const struct rpc_field *f)
{
    struct rpc_value v = {.type = f->type};

    switch (f->type) {
    case RPC_TYPE_U8:
        v.number = rpc_get_u8(r);
        break;
    case RPC_TYPE_U16:
        v.number = rpc_get_u16(r);
        break;
    case RPC_TYPE_U32:
        v.number = rpc_get_u32(r);
        break;
    case RPC_TYPE_U64:
        v.number = rpc_get_u64(r);
        break;
    case RPC_TYPE_BOOL:
        v.number = rpc_get_bool(r);
        break;
    case RPC_TYPE_STRING:
        v.bytes = rpc_get_string(r, f->max);
        v.count = str_length(v.bytes);
        break;
    case RPC_TYPE_BYTES:
        v.bytes = rpc_get_bytes(r, f->max, &v.count);
        break;
    default:
        v.number = rpc_get_cap(r, f->type == RPC_TYPE_CAP_OPTIONAL);
        break;
    }
    return v;
}

/* Capabilities that are not shown go back. */
static void show_value(struct results *s, const struct rpc_value *v)
{
    if (!s->enough) {
        s->enough = !s->each(s->argument, s->path, v);
    } else if (is_cap(v->type) && v->number != CPTR_NULL) {
        s->slots->give(s->slots->context, (cptr_t)v->number);
    }
}

static void get_fields(struct results *s, struct rpc_fields fields, size_t path_length);

static void get_one(struct results *s, const struct rpc_fields *where, const struct rpc_field *f,
                    size_t path_length)
{
    if (f->type == RPC_TYPE_STRUCT) {
        path_length += format_to(s->path + path_length, sizeof(s->path) - path_length, ".");
        path_length = path_length < sizeof(s->path) ? path_length : sizeof(s->path) - 1;
        get_fields(s, rpc_struct_fields(where->description, f->structure, NULL), path_length);
    } else {
        struct rpc_value v = get_value(s->reader, f);

        if (s->each != NULL) {
            show_value(s, &v);
        }
    }
}

/* Appends to the path; where it ends then. */
static size_t name_element(struct results *s, size_t path_length, const char *name, size_t index,
                           bool in_list)
{
    char *end = s->path + path_length;
    size_t room = sizeof(s->path) - path_length;
    size_t added = in_list ? format_to(end, room, "%s[%zu]", name, index) : format_to(end, room, "%s", name);

    return path_length + (added < room ? added : room - 1);
}

/* Elements have at least a byte each, so a lying count ends soon: the reader fails. */
static void get_fields(struct results *s, struct rpc_fields fields, size_t path_length)
{
    struct rpc_field f;

    while (err_ok(s->reader->error) && rpc_fields_next(&fields, &f)) {
        size_t count = f.is_list ? rpc_get_count(s->reader, f.max, 1) : 1;

        for (size_t i = 0; i < count && err_ok(s->reader->error); i++) {
            get_one(s, &fields, &f, name_element(s, path_length, f.name, i, f.is_list));
        }
    }
}

static void show(struct rpc_call *call, const struct rpc_method *method, rpc_value_each_t each,
                 void *argument)
{
    struct rpc_reader first = call->results;
    struct results look = {.reader = &first};
    struct results show = {
        .reader = &call->results, .slots = call->link->slots, .each = each, .argument = argument};
    err_t e;

    get_fields(&look, method->results, 0);
    e = rpc_reader_end(&first);
    if (!err_ok(e)) {
        call->results.error = e;
        return;
    }
    get_fields(&show, method->results, 0);
}

err_t rpc_call_described(const struct rpc_channel *channel, const struct rpc_method *method,
                         const struct rpc_value *values, size_t count, rpc_value_each_t each, void *argument)
{
    struct rpc_call call;
    struct arguments a = {.message = &call.request, .values = values, .count = count, .error = OK};

    rpc_call_begin(&call, channel, method->number);
    put_fields(&a, method->arguments);
    if (a.next < a.count) {
        fail(&a, err_make(ERR_BAD_ARGUMENT, a.next));
    }
    if (!err_ok(a.error)) {
        call.request.error = a.error;
    }
    rpc_call_perform(&call, RPC_MESSAGE_MAX, RPC_CAPS_MAX);
    show(&call, method, each, argument);
    return rpc_call_end(&call);
}
