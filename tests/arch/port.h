/* SPDX-License-Identifier: MIT */
/* What the tests need to know of the port they run on; in tests/arch/<arch>. */
#ifndef TESTS_ARCH_PORT_H
#define TESTS_ARCH_PORT_H

#include <mudskipper/arch/save_area.h>

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
