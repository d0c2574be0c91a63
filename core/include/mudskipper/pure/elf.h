/* SPDX-License-Identifier: MIT */
/* Reads ELF64 static-PIE images. elf_check decides everything about the file, before anything is allocated;
 * what follows cannot fail. No state, no memory of its own; never reads outside [file, file + bytes).
 *
 *   file                                    image: what lies in memory, offsets from its first page
 *   +--------+---------+-----------+        +----------------+------ - - -+----------------+
 *   | header | program | contents  |  --->  | segment 0      |  no pages  | segment 1 | bss|
 *   |        | headers |           |        | whole pages    |            | whole pages    |
 *   +--------+---------+-----------+        +----------------+------ - - -+----------------+
 *                                           0                                              bytes
 *
 * The image is placed at any `load` address with load ≡ base modulo `alignment`; the only relocations are
 * RELATIVE ones, so that word := load - base + addend.
 *
 * What is accepted is stricter than the ELF specification, by what linkers do with -static-pie:
 *   - loadable segments stand together in the program header table, ascend, and share no page
 *   - none is empty, without rights, writable without readable, or writable and executable
 *   - PT_DYNAMIC and the relocation table lie inside segments, relocated words, 8-byte aligned, in writable
 * ones
 *   - PT_GNU_RELRO, if any, begins in the first page of a writable segment; its whole pages become a
 * read-only part Section headers, notes and unknown program headers are not looked at.
 *
 * The file must not change between elf_check and the last use: who shares it with others copies it first. It
 * needs no alignment. */
#ifndef MUDSKIPPER_PURE_ELF_H
#define MUDSKIPPER_PURE_ELF_H

#include <mudskipper/abi/cap.h>
#include <mudskipper/abi/error.h>
#include <mudskipper/abi/types.h>

#define ELF_MACHINE_X86_64  62u
#define ELF_MACHINE_AARCH64 183u

struct elf_image {
    uint64_t base;      /* address the first page was linked at; offset 0 of the image */
    uint64_t bytes;     /* from the first page to the end of the last one, whole pages, below 2^48 */
    uint64_t alignment; /* largest that a segment asks for: a power of two, at least PAGE_SIZE */
    uint64_t entry;     /* offset of the entry point in the image */
    unsigned parts;     /* how many parts elf_part gives */

    /* For this reader only. */
    const uint8_t *file;
    uint64_t loads;         /* file offset of the first loadable segment's header */
    unsigned segments;      /* loadable ones */
    unsigned relro_segment; /* the one whose first pages are read-only after relocation; `segments`: none */
    uint64_t relro_bytes;   /* how much of it, whole pages */
    uint64_t rela;          /* file offset of the relocation table */
    uint64_t relas;         /* entries in it */
};

/* Checks the whole file for a processor `machine` (ELF_MACHINE_*), then fills *image. Nothing is written on
 * failure. ELF_TRUNCATED      something reaches beyond the file (detail: the offset the file had to reach)
 *   ELF_MAGIC          not an ELF file
 *   ELF_CLASS          not 64-bit, little-endian, version 1
 *   ELF_MACHINE        another processor's (detail: its number)
 *   ELF_EXEC           linked for a fixed address
 *   ELF_TYPE           neither (detail: the type)
 *   ELF_HEADER         a header field cannot be so (detail: its offset)
 *   ELF_EMPTY          no loadable segment
 *   ELF_SEGMENT        sizes, alignment, address or flags of a segment (detail: its program header index)
 *   ELF_OVERLAP        it shares a page with, precedes, or stands apart from the previous one (detail: index)
 *   ELF_WRITE_EXECUTE  a segment or the stack asks for both (detail: index)
 *   ELF_INTERPRETER    there is a PT_INTERP or a needed library
 *   ELF_TLS            there is a PT_TLS
 *   ELF_ENTRY          the entry point is not in the file's bytes of an executable segment (detail: the
 * address) ELF_DYNAMIC        a dynamic entry is wrong, double or not supported (detail: its index)
 *   ELF_RELOCATION     not RELATIVE, unaligned, or not in a writable segment (detail: file offset of the
 * entry) */
err_t elf_check(const void *file, uint64_t bytes, unsigned machine, struct elf_image *image) MUST_USE;

/* A run of pages with one set of rights. */
struct elf_part {
    uint64_t offset;      /* in the image, page-aligned */
    uint64_t bytes;       /* whole pages */
    unsigned rights;      /* CAP_READ, CAP_WRITE, CAP_EXECUTE: what the program may do once it runs */
    uint64_t data_offset; /* in the image: where the file's bytes go; everything else in the part is zero */
    uint64_t data_bytes;  /* 0: all zero */
    const uint8_t *data;  /* in the file */
};

/* Part `index` < image->parts, ascending by offset, disjoint. */
struct elf_part elf_part(const struct elf_image *image, unsigned index);

/* Applies all relocations for an image placed at `load`: calls write64 once for each, offset + 8 <=
 * image->bytes. Offsets are multiples of 8, in any order, in segments that were linked writable (the
 * read-only part made by PT_GNU_RELRO included: relocate first, then map with the final rights). */
void elf_relocate(const struct elf_image *image, vaddr_t load,
                  void (*write64)(void *context, uint64_t offset, uint64_t value), void *context);

#endif
