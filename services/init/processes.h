/* SPDX-License-Identifier: MIT */
/* The processes this core server has started, from birth to the end of everything they had.
 *
 *    processes_start --> alive --> processes_ended, --> ended --> processes_take_back --> processes_forget
 *                                  processes_kill                 (a record of how,
 *                                                                  until that was asked for)
 *
 * A number tells its core: core c has 1 + c (init), 1 + c + cores, 1 + c + 2 * cores, ...
 *
 * With init's lock held (lock.h). */
#ifndef INIT_PROCESSES_H
#define INIT_PROCESSES_H

#include <mudskipper/abi/error.h>
#include <mudskipper/abi/objects.h>
#include <mudskipper/rt/cap.h>
#include <mudskipper/rt/message.h>
#include <mudskipper/rt/process.h>
#include "restart.h"
#include "work.h"

struct archive;
struct spawn_grant;
struct rpc_service;

#define PROCESS_INIT (rt_self()->process) /* init's own number */
#define PROCESS_NONE 0u

#define PRIORITY_NORMAL 16u /* what the kernel gave init */

/* What a process may do beyond its own affairs: cap=NAME[,NAME...] of the boot file. */
enum process_right {
    MAY_READ_LOG = 1u << 0,    /* log */
    MAY_INSPECT = 1u << 1,     /* inspect: look into others */
    MAY_MANAGE = 1u << 2,      /* manage: end others, end the machine */
    MAY_SERVE_NAMES = 1u << 3, /* names: is the nameserver */
};

/* Standard streams. */
enum process_stream { STREAM_IN = 1u << 0, STREAM_OUT = 1u << 1, STREAM_ERR = 1u << 2, STREAMS_ALL = 7 };

struct process_exit {
    enum exit_reason how;
    uint32_t code;
    uint8_t fault;  /* enum fault_kind */
    uint8_t access; /* enum access */
    vaddr_t address;
    nanos_t time; /* of a core it had used */
};

/* What a process of the boot file stems from, so that it can be started again. */
struct boot_origin {
    uint64_t line; /* 0: it does not come from the boot file */
    uint32_t device;
    enum boot_restart restart;
    struct restarts restarts;
};

struct wait;   /* waits.h */
struct notice; /* core_ends.c */

struct process {
    struct process *next; /* ascending by number */
    uint32_t number;
    uint32_t parent; /* PROCESS_NONE: the boot file, or it has ended */
    struct boot_origin origin;
    unsigned rights; /* enum process_right */
    unsigned streams;
    bool is_driver;
    bool has_console; /* drives it */
    char name[32];
    cptr_t slots; /* of capabilities to what it was given and is made of */
    cptr_t dispatcher;
    cptr_t root;
    paddr_t serves;  /* the endpoint of init's that it was started with; 0: none */
    paddr_t accepts; /* its own, if it accepts channels there, or will; 0: it does not */
    bool ended;
    bool taken_back;          /* and it owns nothing any more */
    bool finished;            /* and all that is to be known of it was told */
    bool expected;            /* and its program is started again when there is memory */
    struct process_exit exit; /* ended */
    struct wait *waits;       /* who wants to know */
    struct notice *notice;    /* other cores that do; NULL: none */
    struct work ending;
    paddr_t in_the_way; /* of taking its memory back */
    bool stuck;         /* and it stays there */
};

struct process_start {
    unsigned argc; /* argv[0]: the program, "hello" for bin/hello */
    const char *const *argv;
    uint32_t parent;
    unsigned rights;
    unsigned priority;
    unsigned streams;                 /* enum process_stream: which of them are the console */
    const struct spawn_grant *grants; /* besides what every process gets; at most PROCESS_GRANTS_MAX */
    unsigned grants_count;
    const char *const *envp;
    unsigned envc;
    cptr_t out;      /* its standard output and error output, instead of the console; or CPTR_NULL */
    bool is_driver;  /* the machine does not run for its sake */
    cptr_t endpoint; /* made before it, of what it serves; or CPTR_NULL */
    bool takes_console;
    struct boot_origin origin;
};

#define PROCESS_GRANTS_MAX 3u

/* The nameserver's endpoint, which all processes have a capability to. */
cptr_t processes_names(void);

/* On which core a process of that number runs. */
coreid_t processes_core(uint32_t number);

/* Called once: what all processes are started from, and the service behind their SLOT_INIT. */
MUST_USE err_t processes_init(const struct archive *archive, const struct rpc_service *service);

/* CPIO_NOT_FOUND, ELF_*, NO_MEMORY, CAP_SLOTS_EXHAUSTED. A failure leaves nothing behind. */
MUST_USE err_t processes_start(const struct process_start *what, uint32_t *number);

/* The first with this number or a higher one; NULL: there is none. init itself is not among them. */
struct process *processes_from(uint32_t number);

/* NULL: there is none. */
struct process *processes_find(uint64_t number);

/* A message of the kernel that a dispatcher ended. NULL: it was killed before. */
struct process *processes_ended(const struct rt_message *message);

/* Ends one that is alive, likewise. */
void processes_kill(struct process *p);

/* Takes back all that one that has ended had. Nothing of it is in use on other cores any more (shared.h).
 * False: what lies at p->in_the_way and belongs to somebody else has to be asked back first; then call it
 * again, with p->stuck if that had no success: then it is given up, and false no more. */
bool processes_take_back(struct process *p);

/* The parent, of this core or another, has ended: its children have none any more. */
void processes_orphan(uint32_t parent);

/* While its program is to be started again, for which there is no memory now, the machine runs for its sake.
 */
void processes_expect(struct process *p, bool again);

/* Nobody will ask how it ended. */
void processes_forget(struct process *p);

/* How many are alive, and how many there ever were, of those that the machine runs for. */
unsigned processes_alive(void);
uint64_t processes_started(void);

/* What those that have ended had used of the core. */
nanos_t processes_time_of_ended(void);

/* It has ended by itself, with 0. */
bool processes_ended_well(const struct process *p);

#endif
