/* SPDX-License-Identifier: MIT */
/* What a service says about itself, for those who know it at run time only: a shell, an inspector. Every
 * service answers method 0, describe() -> (bytes description<65532>), with this, made by tools/rpcgen from
 * its interface file and marshalled like any message (message.h):
 *
 *    description   u8 format (1) | u32 version | string name | string help
 *                  u16 structs   | each: string name | string help | fields
 *                  u16 methods   | each: u16 number | string name | string help | fields (arguments) |
 *                                  fields (results)
 *    fields        u16 count     | each: u8 enum rpc_type | u8 1: a list, 0: one | u16 index of the struct |
 *                                  u32 greatest length (of strings, bytes and lists) | string name
 *
 * A struct's fields use structs before it only, so there are no circles. A description comes from a stranger:
 * rpc_description_read checks all of it, and what follows walks over what was checked. Pure. */
#ifndef MUDSKIPPER_RPC_DESCRIBE_H
#define MUDSKIPPER_RPC_DESCRIBE_H

#include <mudskipper/rpc/channel.h>

#define RPC_DESCRIPTION_FORMAT 1u
#define RPC_DESCRIPTION_MAX    (RPC_MESSAGE_MAX - 4u)
#define RPC_DEPTH_MAX          8u /* structs in structs in a description that is accepted */

enum rpc_type {
    RPC_TYPE_U8 = 1,
    RPC_TYPE_U16 = 2,
    RPC_TYPE_U32 = 3,
    RPC_TYPE_U64 = 4,
    RPC_TYPE_BOOL = 5,
    RPC_TYPE_STRING = 6,
    RPC_TYPE_BYTES = 7,
    RPC_TYPE_CAP = 8,
    RPC_TYPE_CAP_OPTIONAL = 9,
    RPC_TYPE_STRUCT = 10,
};

/* Strings lie in the description, which stays as long as they are used. */
struct rpc_description {
    const uint8_t *bytes;
    size_t size;
    const char *name;
    const char *help;
    uint32_t version;
    unsigned structs;
    unsigned methods;
    size_t first_struct; /* places in `bytes` */
    size_t first_method;
};

/* A place in the list of fields of a struct, of arguments or of results. */
struct rpc_fields {
    const struct rpc_description *description;
    size_t at;
    unsigned count;
};

struct rpc_field {
    const char *name;
    enum rpc_type type;
    bool is_list;
    unsigned structure; /* RPC_TYPE_STRUCT: which */
    uint32_t max;       /* strings, bytes, lists: greatest length */
};

struct rpc_method {
    uint16_t number;
    const char *name;
    const char *help; /* "" when there is none */
    struct rpc_fields arguments;
    struct rpc_fields results;
};

/* Asks the server; *bytes <= room. MSG_TOO_LONG: the room is too small. */
MUST_USE err_t rpc_describe(const struct rpc_channel *channel, void *buffer, size_t room, size_t *bytes);

/* MSG_MALFORMED with the byte; NOT_SUPPORTED: another format. */
MUST_USE err_t rpc_description_read(struct rpc_description *d, const void *bytes, size_t size);

/* The methods, in order: start with *at = 0. False at the end. */
bool rpc_description_next(const struct rpc_description *d, size_t *at, struct rpc_method *method);

/* The method of that name. NOT_FOUND. */
MUST_USE err_t rpc_description_find(const struct rpc_description *d, const char *name,
                                    struct rpc_method *method);

/* Takes the first field off. False: none is left. */
bool rpc_fields_next(struct rpc_fields *fields, struct rpc_field *field);

/* The fields of a struct, of which *name is the name (which may be NULL). */
struct rpc_fields rpc_struct_fields(const struct rpc_description *d, unsigned structure, const char **name);

/* ---- calls by description */

struct rpc_value {
    enum rpc_type type; /* any but STRUCT */
    uint64_t number;    /* U8 .. U64, BOOL: 0 or 1, CAP: the cptr_t */
    const char *bytes;  /* STRING, BYTES: not NUL-terminated */
    size_t count;
};

/* A value of the results. `path` says where it stands: "written", "size.rows", "entries[2].name"; it is cut
 * off after RPC_PATH_MAX - 1 bytes. Both are valid during the call only. False: that is enough. A capability
 * is the callee's: its slot is one of the channel's. */
typedef bool (*rpc_value_each_t)(void *argument, const char *path, const struct rpc_value *value);
#define RPC_PATH_MAX 128u

/* Calls with values for the arguments, those of a struct one behind the other. Values need not have the exact
 * number type, but must fit. BAD_ARGUMENT with the index of the value that is missing, superfluous or does
 * not fit; NOT_SUPPORTED: an argument is a list. All values were seen before an error of the server's answer,
 * or none. Blocks as any call. */
MUST_USE err_t rpc_call_described(const struct rpc_channel *channel, const struct rpc_method *method,
                                  const struct rpc_value *values, size_t count, rpc_value_each_t each,
                                  void *argument);

#endif
