/* SPDX-License-Identifier: MIT */
/* The start block: what a process is told when it starts. One register (argument 0) points at it; it lies in
 * the frame of SLOT_ARGS, read-only in the process. Strings and tables follow the header, found by offsets
 * from its first byte, so that the whole is one relocatable blob:
 *
 *   +--------+--------------+--------------+-----------------+----------------+
 *   | header | argv offsets | envp offsets | capability names| string bytes   |
 *   +--------+--------------+--------------+-----------------+----------------+
 */
#ifndef MUDSKIPPER_ABI_START_H
#define MUDSKIPPER_ABI_START_H

#include <mudskipper/abi/types.h>
#include <mudskipper/abi/cap.h>

#define START_MAGIC 0x5041544b5344554dull /* "MUDSKTAP" read as bytes: M U D S K T A P */

struct start_cap {
    uint32_t name; /* offset of a NUL-terminated string */
    cptr_t slot;
};

struct start_block {
    uint64_t magic;
    uint32_t version;        /* ABI_VERSION */
    uint32_t bytes;          /* of the whole block */
    vaddr_t gate;            /* the simulator's system call entry; 0 where an instruction does it */
    vaddr_t vspace_base;     /* first address of the address space; page-table indices are relative to it */
    uint64_t vspace_size;    /* bytes */
    vaddr_t image;           /* where the program's first page lies */
    uint64_t image_size;     /* bytes, whole pages */
    vaddr_t dispatcher_user; /* struct dispatcher_user of this process */
    vaddr_t stack_top;
    uint64_t stack_size;
    uint32_t core;    /* the core this process lives on */
    uint32_t process; /* its number: for people, never for authority */
    uint32_t argc;
    uint32_t argv; /* offset of argc string offsets (uint32_t each) */
    uint32_t envc;
    uint32_t envp; /* offset of envc string offsets */
    uint32_t capc;
    uint32_t caps;        /* offset of capc struct start_cap */
    uint64_t stack_limit; /* bytes the stack may grow to, when the process sees to it; less than stack_size:
                             it does not grow */
};

#endif
