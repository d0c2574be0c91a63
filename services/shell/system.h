/* SPDX-License-Identifier: MIT */
/* Everything the shell asks of the system, as one table of functions: the program fills it with calls to the
 * core servers, the process managers and the nameserver; the tests with a fake. Commands know nothing else.
 *
 *   commands --> struct system --> system_*.c --> init, procman, names, terminal of this core --> other cores
 *    (pure)       (this file)      (RPC stubs)
 *
 * Rules for all of it:
 * - The first argument is `context` of the table. One thread calls, one call at a time.
 * - Out-parameters are written on success only. Strings given to the system are read during the call; strings
 *   given by it are valid until the callback returns or, in a struct that was filled, until the next call.
 * - A function that lists calls `each` once per item on the caller's thread, in the order said at its type.
 *   `each` returns false to stop early, which is success. `each` must not call the system. A list is no
 *   snapshot: an item that comes or goes meanwhile may be in it or not, but none is in it twice.
 * - "Blocks" means longer than a service takes to answer. It ends with CANCELLED when somebody presses
 *   Ctrl-C at the shell's terminal; that Ctrl-C is used up by it, and bytes typed before it are dropped.
 * - Every function may fail with PEER_GONE (the service it asks has died), TIMEOUT (it does not answer),
 *   NO_MEMORY, or NOT_SUPPORTED (nobody provides this here); only the further errors are named. */
#ifndef SHELL_SYSTEM_H
#define SHELL_SYSTEM_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/abi/types.h>

/* A process's number: unique in the system while it runs and until its end was waited for, never 0. For
 * people: what a shell may do to a process is decided by the capability behind its channel. */
typedef uint32_t process_number_t;

#define PROCESS_NONE ((process_number_t)0)
#define CORE_NONE    UINT32_MAX
#define THREAD_NONE  UINT32_MAX

/* --- the machine --- */

struct system_machine {
    const char *version; /* of Mudskipper: "0.1.0" */
    const char *world;   /* for people: "hostsim", "linux,dummy-virt" */
};

enum system_core_state { CORE_RUNNING, CORE_STARTING, CORE_STOPPED, CORE_DEAD };

/* Ascending by id. */
struct system_core {
    coreid_t id;
    enum system_core_state state;
    uint32_t processes;
    nanos_t idle; /* of its time since it was started; NANOS_NEVER: not known */
    nanos_t up;   /* since it was started */
};
typedef bool (*system_core_each_t)(void *argument, const struct system_core *core);

/* --- processes --- */

enum system_process_state {
    PROCESS_STARTING,
    PROCESS_RUNNING, /* has the core now */
    PROCESS_READY,   /* wants it */
    PROCESS_WAITING, /* for a message, a notification or a deadline */
    PROCESS_SUSPENDED,
    PROCESS_ENDED, /* and nobody has asked how, yet */
};

/* Ascending by number. */
struct system_process {
    process_number_t number;
    process_number_t parent; /* PROCESS_NONE: started by the boot file, or the parent has ended */
    coreid_t core;
    enum system_process_state state;
    const char *name; /* of the program, without folders: "hello" */
    uint32_t threads; /* 0: not known */
    uint64_t memory;  /* bytes handed out to it */
    uint64_t capabilities;
    nanos_t time; /* of a core it has used */
};
typedef bool (*system_process_each_t)(void *argument, const struct system_process *process);

struct system_spawn {
    coreid_t core;           /* CORE_NONE: the shell's own */
    size_t argc;             /* >= 1 */
    const char *const *argv; /* argv[0]: the program, "hello" for bin/hello */
    const char *caps;        /* what it gets of the shell's own, with commas between; "": nothing */
    bool foreground; /* what is typed at the terminal goes to it until it ends; Ctrl-C stays the shell's */
};

enum system_end { END_EXIT, END_KILLED, END_FAULT };

struct system_exit {
    enum system_end how;
    uint32_t code;     /* END_EXIT */
    const char *fault; /* END_FAULT, in words without an address: "read of memory that is not there" */
    vaddr_t address;   /* END_FAULT */
};

/* --- memory and capabilities --- */

/* Ascending by core. Bytes; free + used + reserved = total whenever nothing is on its way. */
struct system_memory {
    coreid_t core;
    uint64_t total;
    uint64_t free;
    uint64_t used;     /* handed out to clients */
    uint64_t reserved; /* kernel, archive, the managers' own */
    uint64_t largest;  /* free block */
};
typedef bool (*system_memory_each_t)(void *argument, const struct system_memory *memory);

/* Ascending by core, then by process. */
struct system_client {
    coreid_t core; /* whose memory it is */
    process_number_t process;
    const char *name;
    uint64_t used;  /* bytes */
    uint64_t quota; /* bytes; UINT64_MAX: none */
};
typedef bool (*system_client_each_t)(void *argument, const struct system_client *client);

/* Ascending by slot. */
struct system_capability {
    cptr_t slot;
    const char *type; /* as in the table of types: "Frame" */
    unsigned rights;  /* enum cap_right */
    bool has_range;   /* base and bytes mean something, and may be read */
    paddr_t base;
    uint64_t bytes;
    uint64_t badge; /* 0: none */
    coreid_t owner; /* CORE_NONE: a type that does not cross cores */
};
typedef bool (*system_capability_each_t)(void *argument, const struct system_capability *capability);

/* Ascending by address. */
struct system_region {
    vaddr_t start;
    uint64_t bytes;
    uint64_t present; /* bytes that have memory behind them */
    unsigned rights;  /* CAP_READ, CAP_WRITE, CAP_EXECUTE; 0: a guard */
    const char *kind; /* "image", "stack", "heap", "shared", "device", "guard", … */
    bool backed;      /* faults are answered with memory (self-paging) */
};
typedef bool (*system_region_each_t)(void *argument, const struct system_region *region);

/* One entry per waiting thread, ascending by process, then by thread. */
struct system_wait {
    process_number_t process;
    uint32_t thread; /* THREAD_NONE: not known */
    coreid_t core;
    const char *name;      /* of the process */
    const char *on;        /* "call", "message", "reply", "process", "mutex", "time", … */
    process_number_t whom; /* PROCESS_NONE: anybody, or nobody in particular */
    const char *whom_name; /* NULL: whom is PROCESS_NONE */
    const char *service;   /* whose call it is; NULL: none */
    nanos_t since;         /* monotonic time; NANOS_NEVER: not known */
};
typedef bool (*system_wait_each_t)(void *argument, const struct system_wait *wait);

/* --- files of the boot archive --- */

/* In any order. */
struct system_file {
    const char *name; /* "bin/hello" */
    uint64_t bytes;
    const char *program; /* what spawn calls it, "hello"; NULL: it is no program */
};
typedef bool (*system_file_each_t)(void *argument, const struct system_file *file);

/* --- names and services --- */

/* Ascending by name. */
struct system_name {
    const char *name;
    coreid_t core; /* where the server runs */
    process_number_t process;
    const char *server; /* name of the process */
    uint64_t generation;
    const char *attributes; /* "key=value key=value"; "" when there are none */
};
typedef bool (*system_name_each_t)(void *argument, const struct system_name *name);

enum system_type {
    TYPE_BOOL,
    TYPE_U8,
    TYPE_U16,
    TYPE_U32,
    TYPE_U64,
    TYPE_I8,
    TYPE_I16,
    TYPE_I32,
    TYPE_I64,
    TYPE_TEXT,  /* UTF-8 */
    TYPE_BYTES, /* anything */
    TYPE_CAP,   /* cannot be typed at a shell */
};

/* What is a struct for a service is its fields here: "size.rows"; each element of a list has "found[].name".
 */
struct system_field {
    const char *name;
    enum system_type type;
};

/* In the order of the service's interface. */
struct system_method {
    const char *name;
    const struct system_field *arguments;
    size_t argument_count;
    const struct system_field *results;
    size_t result_count;
    const char *help; /* one line; "" when there is none */
};
typedef bool (*system_method_each_t)(void *argument, const struct system_method *method);

struct system_value {
    const char *name; /* of a result, where it stands: "sum", "found[2].name" */
    enum system_type type;
    uint64_t number;   /* BOOL: 0 or 1; I*: the 64-bit two's complement; CAP: a cptr_t */
    const char *bytes; /* TEXT, BYTES: not NUL-terminated */
    size_t count;
};

/* The results of a call, in the order of the method's results. */
typedef bool (*system_value_each_t)(void *argument, const struct system_value *value);

/* --- the terminal --- */

struct system_terminal {
    bool interactive; /* a person sits there, and it understands VT100 */
    unsigned columns; /* 0: not known */
    unsigned rows;
};

/* --- what servers know --- */

/* A server that checked its books. */
struct system_books {
    coreid_t core;
    const char *server;
    err_t error;       /* it did not answer */
    uint64_t mistakes; /* 0, always */
};
typedef bool (*system_books_each_t)(void *argument, const struct system_books *books);

/* --- the table --- */

struct system {
    void *context;
    process_number_t self; /* the shell's own number and core */
    coreid_t core;

    MUST_USE err_t (*machine)(void *context, struct system_machine *machine);
    MUST_USE err_t (*cores)(void *context, system_core_each_t each, void *argument);

    /* Monotonic; cannot fail. */
    nanos_t (*now)(void *context);
    /* Blocks until the time has come. */
    MUST_USE err_t (*sleep_until)(void *context, nanos_t deadline);

    /* Both end the machine: they return only when that is refused (NOT_SUPPORTED, CAP_MISSING_RIGHT). All
     * output written before is shown. Code: 0 .. 255, becomes the status of whoever started the machine. */
    MUST_USE err_t (*power_off)(void *context, uint8_t code);
    MUST_USE err_t (*reboot)(void *context);

    /* All processes on all cores. */
    MUST_USE err_t (*processes)(void *context, system_process_each_t each, void *argument);
    /* Starts a program. It is complete and running when this returns; it is the shell's child, so its end can
     * be waited for. CPIO_NOT_FOUND: no such program; BAD_CORE; ELF_*: not one that can be started. */
    MUST_USE err_t (*spawn)(void *context, const struct system_spawn *what, process_number_t *number);
    /* Blocks until the process has ended or the deadline has passed (TIMEOUT; deadline 0: asks and does not
     * wait). The end of a child is told until it was waited for once, that of another process only while it
     * was running at the call. PROC_NOT_FOUND. */
    MUST_USE err_t (*wait)(void *context, process_number_t number, nanos_t deadline,
                           struct system_exit *exit);
    /* Returns when the process is no more: it runs nowhere, owns nothing, and the names it registered are
     * gone on every core. PROC_NOT_FOUND; CAP_MISSING_RIGHT: not this shell's to kill. */
    MUST_USE err_t (*kill)(void *context, process_number_t number);

    MUST_USE err_t (*memory)(void *context, system_memory_each_t each, void *argument);
    MUST_USE err_t (*memory_clients)(void *context, system_client_each_t each, void *argument);
    /* These two: PROC_NOT_FOUND, CAP_MISSING_RIGHT (no Inspect capability). */
    MUST_USE err_t (*capabilities)(void *context, process_number_t number, system_capability_each_t each,
                                   void *argument);
    MUST_USE err_t (*regions)(void *context, process_number_t number, system_region_each_t each,
                              void *argument);
    MUST_USE err_t (*waits)(void *context, system_wait_each_t each, void *argument);
    /* Asks the servers of all cores. CAP_MISSING_RIGHT (no Inspect capability). */
    MUST_USE err_t (*check)(void *context, system_books_each_t each, void *argument);

    MUST_USE err_t (*files)(void *context, system_file_each_t each, void *argument);
    /* Copies up to `size` bytes from `offset` on; *count is 0 at the end. CPIO_NOT_FOUND. */
    MUST_USE err_t (*read_file)(void *context, const char *name, uint64_t offset, void *buffer, size_t size,
                                size_t *count);

    /* The kernel's log of a core, from *position (0: the oldest there is) on; moves it; *count is 0 at the
     * end. BAD_CORE, CAP_MISSING_RIGHT. */
    MUST_USE err_t (*read_log)(void *context, coreid_t core, uint64_t *position, void *buffer, size_t size,
                               size_t *count);
    /* A line into the log of the shell's core; the line feed is part of the text. */
    MUST_USE err_t (*write_log)(void *context, const char *text, size_t count);

    /* All names that are `prefix` or lie below it ("net" has "net.eth0"); "": all. NAME_SYNTAX. */
    MUST_USE err_t (*names)(void *context, const char *prefix, system_name_each_t each, void *argument);
    /* Blocks until somebody offers the name. NAME_SYNTAX; TIMEOUT: nobody did before the deadline. */
    MUST_USE err_t (*wait_name)(void *context, const char *name, nanos_t deadline);
    /* What the service itself says it can do. NAME_UNKNOWN, NAME_SYNTAX. */
    MUST_USE err_t (*methods)(void *context, const char *service, system_method_each_t each, void *argument);
    /* Calls, wherever the server is, with values of the types `methods` said. Blocks. NAME_UNKNOWN,
     * NAME_SYNTAX; MSG_NO_METHOD: the service has changed; and what the server answers. `each` may have been
     * called before an error. */
    MUST_USE err_t (*call)(void *context, const char *service, const char *method,
                           const struct system_value *values, size_t count, system_value_each_t each,
                           void *argument);

    MUST_USE err_t (*terminal)(void *context, struct system_terminal *terminal);
    /* Blocks until there is at least one byte, then takes up to `size`. *count 0: the input has ended. Ctrl-C
     * while reading is byte 3, not CANCELLED. */
    MUST_USE err_t (*read)(void *context, void *buffer, size_t size, size_t *count);
    /* All of it, in order with what this shell's programs write. '\n' means the start of the next line: the
     * terminal adds what its device needs. */
    MUST_USE err_t (*write)(void *context, const char *bytes, size_t count);
    /* Whether Ctrl-C was pressed since the last call that used one up; uses it up. Cheap; asked inside long
     * work. */
    bool (*interrupted)(void *context);
};

/* Connects the program to its servers, in system_*.c, and gives it memory. The table stays valid for the life
 * of the process. */
struct memory;
MUST_USE err_t system_connect(const struct system **system);
extern const struct memory system_memory;

#endif
