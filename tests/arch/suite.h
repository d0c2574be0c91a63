/* SPDX-License-Identifier: MIT */
/* A kernel that does nothing but test its port. It stands where the CPU driver stands, on every port, and
 * prints TAP.
 *
 * A test is a function that is called again and again on the boot core: it says what to run next and is
 * called with the trap that came of it. Written as one text: RUN() returns to the port and continues behind
 * itself at the next trap. Locals do not survive a RUN; `static` ones do.
 *
 *     TEST(context_syscall)
 *     {
 *         static struct program p;
 *
 *         BEGIN;
 *         program_make(&p, user_call);
 *         RUN(program_next(&p));
 *         CHECK(t->trap.cause == HAL_SYSCALL);
 *         END;
 *     }
 */
#ifndef TESTS_ARCH_SUITE_H
#define TESTS_ARCH_SUITE_H

#include <mudskipper/abi/boot_info.h>
#include <mudskipper/abi/dispatcher.h>
#include <mudskipper/abi/syscall.h>
#include <mudskipper/hal/context.h>
#include <mudskipper/hal/cpu.h>
#include <mudskipper/hal/debug.h>
#include <mudskipper/hal/irq.h>
#include <mudskipper/hal/kernel.h>
#include <mudskipper/hal/memory.h>
#include <mudskipper/hal/time.h>
#include <mudskipper/hal/vspace.h>
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/page_table.h>
#include "port.h"
#include "user.h"

#define MILLISECOND ((nanos_t)1000000)

struct test_run {
    unsigned at;          /* line behind the last RUN */
    struct hal_trap trap; /* that came of it */
    bool failed;
    bool refills;      /* memory faults are offered to hal_vspace_refill first */
    unsigned refilled; /* how many it took */
    unsigned round;    /* for loops over RUN */
};

struct test {
    const char *id;
    const char *sentence;
    unsigned needs; /* so many cores at least, and enum test_needs */
    struct hal_next (*run)(struct test_run *t);
};

#define TEST(name) static struct hal_next name(struct test_run *t)

/* Ends a test. */
#define DONE ((struct hal_next){NULL, NULL})

#define BEGIN                                                                                                \
    switch (t->at) {                                                                                         \
    case 0:

#define RUN(next)                                                                                            \
    do {                                                                                                     \
        t->at = __LINE__;                                                                                    \
        return (next);                                                                                       \
    case __LINE__:;                                                                                          \
    } while (0)

#define END                                                                                                  \
    }                                                                                                        \
    return test_end(t)

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            return test_fail(t, __FILE__, __LINE__, #condition, 0, 0);                                       \
        }                                                                                                    \
    } while (0)

/* Prints both numbers when they differ. */
#define CHECK_EQUAL(is, wanted)                                                                              \
    do {                                                                                                     \
        uint64_t is_ = (uint64_t)(is), wanted_ = (uint64_t)(wanted);                                         \
        if (is_ != wanted_) {                                                                                \
            return test_fail(t, __FILE__, __LINE__, #is " == " #wanted, is_, wanted_);                       \
        }                                                                                                    \
    } while (0)

#define IDLE ((struct hal_next){NULL, NULL})

struct hal_next test_end(struct test_run *t);
struct hal_next test_fail(struct test_run *t, const char *file, unsigned line, const char *what, uint64_t is,
                          uint64_t wanted);

/* The machine. */
const struct boot_info *machine(void);
const char *machine_command_line(void);

/* Zeroed pages of RAM, taken back when the test ends. */
paddr_t page_take(void);
paddr_t pages_take(unsigned count);

/* An address space with its tables; destroyed when the test ends, or before by space_destroy. Offsets count
 * from hal_vspace_base. */
struct space {
    struct hal_vspace vs;
    paddr_t root;
    struct space *next;
    struct space **link;
};

void space_make(struct space *s);
void space_destroy(struct space *s);
vaddr_t space_at(const struct space *s, uint64_t offset);
void space_write(struct space *s, uint64_t offset,
                 pte_t leaf); /* the descriptor alone, no word to the port */
void space_map(struct space *s, uint64_t offset, paddr_t page, unsigned rights);
void space_change(struct space *s, uint64_t offset, paddr_t page, unsigned rights);
void space_unmap(struct space *s, uint64_t offset);

#define RX ((unsigned)CAP_READ | CAP_EXECUTE)
#define RW ((unsigned)CAP_READ | CAP_WRITE)
#define RO ((unsigned)CAP_READ)

/* Where a program's pieces are. */
#define PROGRAM_CODE       0x00400000ull
#define PROGRAM_DATA       0x00800000ull
#define PROGRAM_FLAG       (PROGRAM_DATA + USER_FLAG_DISTANCE)
#define PROGRAM_STACK      0x00a00000ull
#define PROGRAM_STACK_SIZE 0x4000ull
#define PROGRAM_FREE       0x01000000ull /* nothing of it from here on */

/* A program made of the code in user.c, and of nothing else. */
struct program {
    struct space space;
    _Alignas(64) struct hal_context context;
    struct user_data *data; /* the kernel's view */
    paddr_t data_page;
    paddr_t code_page;
};

void program_make(struct program *p, void (*entry)(struct user_data *));
vaddr_t program_entry(const struct program *p, void (*entry)(struct user_data *));
struct hal_next program_next(struct program *p);

/* Numbers that look like nothing: splitmix64. */
uint64_t random_next(uint64_t *state);

/* What another core does with its events; set before it is started or interrupted. `count` events so far. */
struct agent {
    struct hal_next (*_Atomic on_event)(struct agent *a, const struct hal_trap *trap);
    _Atomic uint64_t events;
    _Atomic uint64_t up;
    _Atomic uint64_t word;
    struct program *program;
};

struct agent *agent_of(coreid_t core);

/* Starts what is not up yet. */
void agents_start(void);

/* Waits, in the kernel, until *word is at least `value`; false after ten seconds. */
bool wait_for(_Atomic uint64_t *word, uint64_t value);

extern const struct test context_tests[], fault_tests[], vspace_tests[], time_tests[], core_tests[],
    irq_tests[], memory_tests[];

/* What only this port has, in tests/arch/<arch>. May be empty. */
extern const struct test port_tests[];

#endif
