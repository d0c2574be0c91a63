/* SPDX-License-Identifier: MIT */
/* What the tests need to know of the port they run on; in tests/arch/<arch>. */
#ifndef TESTS_ARCH_PORT_H
#define TESTS_ARCH_PORT_H

#include <mudskipper/arch/save_area.h>

/* What not every machine has. A test that needs what this one lacks is not in the plan. */
enum test_needs {
    NEEDS_CORES = 0xffff,            /* the number */
    NEEDS_REAL_PROCESSOR = 1u << 16, /* none emulated in software that leaves out what programs seldom do */
    NEEDS_OWN_CODE_ONLY = 1u << 17,  /* programs do not run code of the host */
    NEEDS_CONSOLE_DEVICE = 1u << 18, /* a UART of a kind the test knows */
};

/* What of it this machine lacks. */
unsigned port_lacks(void);

/* How many words of user_hold hold a register; for user_data.wide. */
unsigned port_hold_words(void);
uint64_t port_wide_vectors(void);

/* Puts a program counter and a stack pointer into a save area whose other bytes may be anything. */
void port_save_area_set(struct save_area *area, uint64_t pc, uint64_t sp, uint64_t argument);

/* Writes a function that returns `value`; returns its bytes. */
unsigned port_function(void *code, unsigned short value);

/* An interrupt line nobody uses, and what makes its device raise it. */
uint32_t port_irq_line(void);
void port_irq_raise(void);

/* A program is about to touch what it must not: no complaints of checking tools meanwhile. */
void port_expect_bad_access(bool expected);

#endif
