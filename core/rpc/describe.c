/* SPDX-License-Identifier: MIT */
#include <mudskipper/rpc/describe.h>
#include <mudskipper/pure/bytes.h>

#define NAME_MAX 63u

/* ---- reading
 * ----------------------------------------------------------------------------------------------------- */

static struct rpc_reader reader_at(const struct rpc_description *d, size_t at)
{
    struct rpc_reader r;

    rpc_reader_init(&r, d->bytes, d->size, NULL, 0);
    r.at = at;
    return r;
}

static struct rpc_field read_field(struct rpc_reader *r)
{
    struct rpc_field f;

    f.type = (enum rpc_type)rpc_get_u8(r);
    f.is_list = rpc_get_bool(r);
    f.structure = rpc_get_u16(r);
    f.max = rpc_get_u32(r);
    f.name = rpc_get_string(r, NAME_MAX);
    return f;
}

static void skip_fields(struct rpc_reader *r)
{
    for (unsigned i = rpc_get_u16(r); i > 0 && err_ok(r->error); i--) {
        (void)read_field(r);
    }
}

static struct rpc_fields read_fields(const struct rpc_description *d, struct rpc_reader *r)
{
    struct rpc_fields fields = {.description = d};
    struct rpc_reader here = *r;

    fields.count = rpc_get_u16(&here);
    fields.at = here.at;
    skip_fields(r);
    return fields;
}

static struct rpc_method read_method(const struct rpc_description *d, struct rpc_reader *r)
{
    struct rpc_method m;

    m.number = rpc_get_u16(r);
    m.name = rpc_get_string(r, NAME_MAX);
    m.help = rpc_get_string(r, RPC_DESCRIPTION_MAX);
    m.arguments = read_fields(d, r);
    m.results = read_fields(d, r);
    return m;
}

/* ---- checking
 * ---------------------------------------------------------------------------------------------------- */

static void refuse(struct rpc_reader *r, size_t at)
{
    if (err_ok(r->error)) {
        r->error = err_make(ERR_MSG_MALFORMED, at);
    }
}

static bool is_known(enum rpc_type type)
{
    return type >= RPC_TYPE_U8 && type <= RPC_TYPE_STRUCT;
}

/* Fields that may use the structs before number `structs`; returns how deep they go. `depths` has those of
 * the structs. */
static unsigned check_fields(struct rpc_reader *r, unsigned structs, const uint8_t *depths)
{
    unsigned deepest = 0;

    for (unsigned i = rpc_get_u16(r); i > 0 && err_ok(r->error); i--) {
        size_t at = r->at;
        struct rpc_field f = read_field(r);
        unsigned depth = 0;

        if (!is_known(f.type) || f.name[0] == '\0') {
            refuse(r, at);
        } else if (f.type == RPC_TYPE_STRUCT && f.structure >= structs) {
            refuse(r, at + 2);
        } else if (f.type == RPC_TYPE_STRUCT) {
            depth = depths[f.structure] + 1u;
        }
        deepest = depth > deepest ? depth : deepest;
    }
    if (deepest > RPC_DEPTH_MAX) {
        refuse(r, r->at);
    }
    return deepest;
}

/* More structs than this are as suspicious as deeper ones. */
#define STRUCTS_MAX 256u

static void check_structs(struct rpc_description *d, struct rpc_reader *r, uint8_t depths[STRUCTS_MAX])
{
    d->structs = rpc_get_u16(r);
    d->first_struct = r->at;
    if (d->structs > STRUCTS_MAX) {
        refuse(r, r->at - 2);
    }
    for (unsigned i = 0; i < d->structs && err_ok(r->error); i++) {
        size_t at;

        (void)rpc_get_string(r, NAME_MAX);
        (void)rpc_get_string(r, RPC_DESCRIPTION_MAX);
        at = r->at;
        depths[i] = (uint8_t)check_fields(r, i, depths);
        if (r->at == at + 2) {
            refuse(r, at); /* no fields: a list of these could be endless */
        }
    }
}

static void check_methods(struct rpc_description *d, struct rpc_reader *r, const uint8_t *depths)
{
    d->methods = rpc_get_u16(r);
    d->first_method = r->at;
    for (unsigned i = 0; i < d->methods && err_ok(r->error); i++) {
        (void)rpc_get_u16(r);
        (void)rpc_get_string(r, NAME_MAX);
        (void)rpc_get_string(r, RPC_DESCRIPTION_MAX);
        (void)check_fields(r, d->structs, depths);
        (void)check_fields(r, d->structs, depths);
    }
}

err_t rpc_description_read(struct rpc_description *d, const void *bytes, size_t size)
{
    uint8_t depths[STRUCTS_MAX];
    struct rpc_reader r;

    *d = (struct rpc_description){.bytes = bytes, .size = size};
    r = reader_at(d, 0);
    if (rpc_get_u8(&r) != RPC_DESCRIPTION_FORMAT && err_ok(r.error)) {
        return err_make(ERR_NOT_SUPPORTED, 0);
    }
    d->version = rpc_get_u32(&r);
    d->name = rpc_get_string(&r, NAME_MAX);
    d->help = rpc_get_string(&r, RPC_DESCRIPTION_MAX);
    check_structs(d, &r, depths);
    check_methods(d, &r, depths);
    return rpc_reader_end(&r);
}

/* ---- walking over what was checked
 * ------------------------------------------------------------------------------- */

bool rpc_description_next(const struct rpc_description *d, size_t *at, struct rpc_method *method)
{
    struct rpc_reader r = reader_at(d, *at != 0 ? *at : d->first_method);

    if (d->methods == 0 || r.at == d->size) {
        return false;
    }
    *method = read_method(d, &r);
    *at = r.at;
    return true;
}

err_t rpc_description_find(const struct rpc_description *d, const char *name, struct rpc_method *method)
{
    size_t at = 0;

    while (rpc_description_next(d, &at, method)) {
        if (str_equal(method->name, name)) {
            return OK;
        }
    }
    return err_make(ERR_NOT_FOUND, 0);
}

bool rpc_fields_next(struct rpc_fields *fields, struct rpc_field *field)
{
    struct rpc_reader r = reader_at(fields->description, fields->at);

    if (fields->count == 0) {
        return false;
    }
    *field = read_field(&r);
    fields->at = r.at;
    fields->count--;
    return true;
}

struct rpc_fields rpc_struct_fields(const struct rpc_description *d, unsigned structure, const char **name)
{
    struct rpc_reader r = reader_at(d, d->first_struct);
    struct rpc_fields fields = {.description = d};
    const char *its_name = "";

    for (unsigned i = 0; i <= structure && i < d->structs; i++) {
        its_name = rpc_get_string(&r, NAME_MAX);
        (void)rpc_get_string(&r, RPC_DESCRIPTION_MAX);
        fields = read_fields(d, &r);
    }
    if (name != NULL) {
        *name = its_name;
    }
    return fields;
}

err_t rpc_describe(const struct rpc_channel *channel, void *buffer, size_t room, size_t *bytes)
{
    struct rpc_call call;
    size_t got;
    err_t e;

    rpc_call_begin(&call, channel, RPC_METHOD_DESCRIBE);
    rpc_call_perform(&call, RPC_MESSAGE_MAX, 0);
    got = rpc_copy_bytes(&call.results, buffer, room, RPC_DESCRIPTION_MAX);
    e = rpc_call_end(&call);
    if (err_ok(e)) {
        *bytes = got;
    }
    return e;
}
