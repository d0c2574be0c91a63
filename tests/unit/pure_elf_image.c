/* SPDX-License-Identifier: MIT */
#include "pure_elf_image.h"

void put16(uint8_t *at, uint64_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void put32(uint8_t *at, uint64_t value)
{
    put16(at, value);
    put16(at + 2, value >> 16);
}

void put64(uint8_t *at, uint64_t value)
{
    put32(at, value);
    put32(at + 4, value >> 32);
}

uint64_t get64(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) {
        value = value << 8 | at[i];
    }
    return value;
}

void put_header(uint8_t *file, unsigned index, uint32_t type, uint32_t flags, uint64_t offset,
                uint64_t address, uint64_t file_bytes, uint64_t memory_bytes)
{
    put32(file + P(index, TYPE), type);
    put32(file + P(index, FLAGS), flags);
    put64(file + P(index, OFFSET), offset);
    put64(file + P(index, VADDR), address);
    put64(file + P(index, VADDR) + 8, address);
    put64(file + P(index, FILESZ), file_bytes);
    put64(file + P(index, MEMSZ), memory_bytes);
    put64(file + P(index, ALIGN), type == ELF_PT_LOAD ? PAGE_SIZE : 8);
}

void put_rela(uint8_t *file, unsigned index, uint64_t offset, uint64_t info, uint64_t addend)
{
    uint8_t *at = file + RELA + index * ELF_RELA_BYTES;
    put64(at + ELF_R_OFFSET, offset);
    put64(at + ELF_R_INFO, info);
    put64(at + ELF_R_ADDEND, addend);
}

static void put_dynamic(uint8_t *file, unsigned index, uint64_t tag, uint64_t value)
{
    put64(file + DYNAMIC + index * ELF_DYN_BYTES, tag);
    put64(file + DYNAMIC + index * ELF_DYN_BYTES + 8, value);
}

size_t dynamic_value(unsigned index)
{
    return DYNAMIC + index * ELF_DYN_BYTES + 8;
}

void put_file_header(uint8_t *file, unsigned machine)
{
    memcpy(file, "\177ELF\2\1\1", 7);
    put16(file + ELF_E_TYPE, ELF_TYPE_DYN);
    put16(file + ELF_E_MACHINE, machine);
    put32(file + ELF_E_VERSION, ELF_VERSION_CURRENT);
    put64(file + ELF_E_ENTRY, TEXT_ADDRESS + 8);
    put64(file + ELF_E_PHOFF, ELF_EHDR_BYTES);
    put16(file + ELF_E_EHSIZE, ELF_EHDR_BYTES);
    put16(file + ELF_E_PHENTSIZE, ELF_PHDR_BYTES);
    put16(file + ELF_E_PHNUM, HEADERS);
}

void build_image_for(uint8_t *file, unsigned machine, unsigned relative)
{
    for (unsigned i = 0; i < FILE_BYTES; i++) {
        file[i] = i < TEXT ? 0 : (uint8_t)(i * 7 + 1);
    }
    put_file_header(file, machine);
    put_header(file, PHDR, ELF_PT_PHDR, ELF_PF_R, 64, 64, HEADERS * 56, HEADERS * 56);
    put_header(file, LOAD_R, ELF_PT_LOAD, ELF_PF_R, 0, 0, TEXT, TEXT);
    put_header(file, LOAD_X, ELF_PT_LOAD, ELF_PF_R | ELF_PF_X, TEXT, TEXT_ADDRESS, 0x40, 0x40);
    put_header(file, LOAD_W, ELF_PT_LOAD, ELF_PF_R | ELF_PF_W, DYNAMIC, DYNAMIC_ADDR, DATA_END - DYNAMIC,
               DATA_END - DYNAMIC + BSS_BYTES);
    put_header(file, DYN, ELF_PT_DYNAMIC, ELF_PF_R | ELF_PF_W, DYNAMIC, DYNAMIC_ADDR, 0x60, 0x60);
    put_header(file, RELRO, ELF_PT_GNU_RELRO, ELF_PF_R, DYNAMIC, DYNAMIC_ADDR, 0x140, 0x3000 - DYNAMIC_ADDR);
    put_header(file, STACK, ELF_PT_GNU_STACK, ELF_PF_R | ELF_PF_W, 0, 0, 0, 0);
    put_header(file, NOTE, ELF_PT_NOTE, ELF_PF_R, 0xffffffff, 0xffffffff, 0xffffffff, 1);
    put_rela(file, 0, 0x2320, relative, 0x1280);
    put_rela(file, 1, 0x2328, relative, 0x2320);
    put_rela(file, 2, 0x23f8, relative, (uint64_t)-16);
    put_rela(file, 3, 0x43f8, relative, 0x4400); /* the last word of the zeros */
    put_dynamic(file, 0, 24, 0);                 /* DT_BIND_NOW: not looked at */
    put_dynamic(file, 1, ELF_DT_RELA, RELA);
    put_dynamic(file, 2, ELF_DT_RELASZ, RELAS * ELF_RELA_BYTES);
    put_dynamic(file, 3, ELF_DT_RELAENT, ELF_RELA_BYTES);
    put_dynamic(file, 4, 30, 8); /* DT_FLAGS */
    put_dynamic(file, 5, ELF_DT_NULL, 0);
}

void build_image(uint8_t *file)
{
    build_image_for(file, ELF_MACHINE_AARCH64, RELATIVE_AARCH64);
}

err_t check_image(const uint8_t *file, size_t bytes)
{
    uint8_t *copy = exact_copy(file, bytes);
    struct elf_image image;
    err_t e = elf_check(copy, bytes, ELF_MACHINE_AARCH64, &image);
    free(copy);
    return e;
}

void apply_change(uint8_t *file, const struct change *c)
{
    for (unsigned i = 0; i < c->bytes; i++) {
        file[c->at + i] = (uint8_t)(c->value >> (8 * i));
    }
}

void expect_changes(const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t file[FILE_BYTES];
        build_image(file);
        apply_change(file, &changes[i]);
        err_t e = check_image(file, sizeof(file));
        if (e.code[0] != changes[i].cause || e.detail != changes[i].detail) {
            fail_msg("change %zu at 0x%zx: error %u detail 0x%lx instead of %u 0x%lx", i, changes[i].at,
                     e.code[0], (unsigned long)e.detail, changes[i].cause, (unsigned long)changes[i].detail);
        }
    }
}

static void write_word(void *context, uint64_t offset, uint64_t value)
{
    struct loaded *l = context;

    assert_true(offset % 8 == 0 && l->bytes >= 8 && offset <= l->bytes - 8);
    put64(l->memory + offset, value);
    l->writes++;
}

struct loaded load_image(const struct elf_image *image)
{
    struct loaded l = {calloc(1, image->bytes), image->bytes, 0};

    assert_non_null(l.memory);
    for (unsigned i = 0; i < image->parts; i++) {
        struct elf_part p = elf_part(image, i);
        if (p.data_bytes > 0) {
            memcpy(l.memory + p.data_offset, p.data, p.data_bytes);
        }
    }
    elf_relocate(image, LOAD, write_word, &l);
    return l;
}

void expect_part(const struct elf_image *image, unsigned index, struct elf_part wanted)
{
    struct elf_part p = elf_part(image, index);

    assert_int_equal(p.offset, wanted.offset);
    assert_int_equal(p.bytes, wanted.bytes);
    assert_int_equal(p.rights, wanted.rights);
    assert_int_equal(p.data_bytes, wanted.data_bytes);
    if (wanted.data_bytes > 0) {
        assert_int_equal(p.data_offset, wanted.data_offset);
        assert_ptr_equal(p.data, wanted.data);
    }
}
