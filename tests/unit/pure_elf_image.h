/* SPDX-License-Identifier: MIT */
/* A good ELF image, built in memory, and what tests do with it: change a field, check, load.
 *
 *                                     file     address   bytes
 *   header, 8 program headers         0x000    0x0000    0x200   segment 0, R
 *   relocation table, 4 entries       0x200    0x0200    0x060   segment 0
 *   text                              0x280    0x1280    0x040   segment 1, RX
 *   dynamic section, 6 entries        0x2c0    0x22c0    0x060   segment 2, RW, read-only after relocation
 *   data                              0x320    0x2320    0x0e0   segment 2, to the file's end at 0x400
 *   zeros                               -      0x2400    0x2000  segment 2
 */
#ifndef PURE_ELF_IMAGE_H
#define PURE_ELF_IMAGE_H

#include "pure_test.h"
#include <mudskipper/pure/elf.h>
#include "elf_format.h"

#define FILE_BYTES   0x400u
#define RELA         0x200u
#define RELAS        4u
#define TEXT         0x280u
#define TEXT_ADDRESS 0x1280u
#define DYNAMIC      0x2c0u
#define DYNAMIC_ADDR 0x22c0u
#define DATA_END     0x400u
#define BSS_BYTES    0x2000u
#define LOAD         ((vaddr_t)0x7e9012340000)

enum { PHDR, LOAD_R, LOAD_X, LOAD_W, DYN, RELRO, STACK, NOTE, HEADERS };

enum { RELATIVE_X86_64 = 8, RELATIVE_AARCH64 = 1027 };

/* Place of a program header's field in the file: P(LOAD_X, FLAGS). */
#define P(header, name) (ELF_EHDR_BYTES + (header)*ELF_PHDR_BYTES + ELF_P_##name)

void put16(uint8_t *at, uint64_t value);
void put32(uint8_t *at, uint64_t value);
void put64(uint8_t *at, uint64_t value);
uint64_t get64(const uint8_t *at);

/* Fields of the file's header; one program header; one relocation. */
void put_file_header(uint8_t *file, unsigned machine);
void put_header(uint8_t *file, unsigned index, uint32_t type, uint32_t flags, uint64_t offset,
                uint64_t address, uint64_t file_bytes, uint64_t memory_bytes);
void put_rela(uint8_t *file, unsigned index, uint64_t offset, uint64_t info, uint64_t addend);

/* Place of a dynamic entry's value in the file. */
size_t dynamic_value(unsigned index);

/* The good image, FILE_BYTES long: for AArch64, or for another machine. */
void build_image(uint8_t *file);
void build_image_for(uint8_t *file, unsigned machine, unsigned relative);

/* Checks a file, for AArch64, in a buffer of its exact size. */
err_t check_image(const uint8_t *file, size_t bytes);

/* One field of the good image changed, and what must come of it. */
struct change {
    size_t at;
    unsigned bytes;
    uint64_t value;
    enum err_code cause;
    uint64_t detail;
};

void apply_change(uint8_t *file, const struct change *c);
void expect_changes(const struct change *changes, size_t count);

/* Memory as a loader leaves it, at address LOAD; the caller frees it. */
struct loaded {
    uint8_t *memory;
    uint64_t bytes;
    uint64_t writes; /* relocated words */
};

struct loaded load_image(const struct elf_image *image);

void expect_part(const struct elf_image *image, unsigned index, struct elf_part wanted);

#endif
