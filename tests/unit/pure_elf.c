/* SPDX-License-Identifier: MIT */
/* elf_check, elf_part, elf_relocate: the good image, the file's header, segments. */
#include "pure_elf_image.h"

static void test_accepts_good(void **state)
{
    uint8_t file[FILE_BYTES];
    struct elf_image image;

    (void)state;
    build_image(file);
    assert_ok(elf_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image));
    assert_int_equal(image.base, 0);
    assert_int_equal(image.bytes, 0x5000);
    assert_int_equal(image.alignment, PAGE_SIZE);
    assert_int_equal(image.entry, TEXT_ADDRESS + 8);
    assert_int_equal(image.parts, 4);
}

static void test_parts(void **state)
{
    uint8_t file[FILE_BYTES];
    struct elf_image image;

    (void)state;
    build_image(file);
    assert_ok(elf_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image));
    expect_part(&image, 0, (struct elf_part){0, 0x1000, CAP_READ, 0, TEXT, file});
    expect_part(&image, 1,
                (struct elf_part){0x1000, 0x1000, CAP_READ | CAP_EXECUTE, 0x1280, 0x40, file + TEXT});
    expect_part(&image, 2, (struct elf_part){0x2000, 0x1000, CAP_READ, 0x22c0, 0x140, file + DYNAMIC});
    expect_part(&image, 3, (struct elf_part){0x3000, 0x2000, CAP_READ | CAP_WRITE, 0x3000, 0, NULL});
    put32(file + P(LOAD_X, FLAGS), ELF_PF_X);
    assert_ok(elf_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image));
    assert_int_equal(elf_part(&image, 1).rights, CAP_EXECUTE);
}

static void test_relocates(void **state)
{
    uint8_t file[FILE_BYTES];
    struct elf_image image;

    (void)state;
    build_image(file);
    assert_ok(elf_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image));
    struct loaded l = load_image(&image);
    assert_int_equal(l.writes, RELAS);
    assert_int_equal(get64(l.memory + 0x2320), LOAD + 0x1280);
    assert_int_equal(get64(l.memory + 0x2328), LOAD + 0x2320);
    assert_int_equal(get64(l.memory + 0x23f8), LOAD - 16);
    assert_int_equal(get64(l.memory + 0x43f8), LOAD + 0x4400);
    assert_memory_equal(l.memory + TEXT_ADDRESS, file + TEXT, 0x40);
    assert_memory_equal(l.memory + 0x2330, file + 0x330, 0x3f8 - 0x330);
    free(l.memory);
}

/* Linked at another base: adds it to everything that is an address. */
static void test_base(void **state)
{
    const uint64_t base = 0x40000000;
    uint8_t file[FILE_BYTES];
    struct elf_image image;

    (void)state;
    build_image(file);
    put64(file + ELF_E_ENTRY, base + TEXT_ADDRESS + 8);
    for (unsigned i = PHDR; i <= RELRO; i++) {
        put64(file + P(i, VADDR), base + get64(file + P(i, VADDR)));
    }
    for (unsigned i = 0; i < RELAS; i++) {
        uint8_t *at = file + RELA + i * ELF_RELA_BYTES;
        put64(at + ELF_R_OFFSET, base + get64(at + ELF_R_OFFSET));
        put64(at + ELF_R_ADDEND, base + get64(at + ELF_R_ADDEND));
    }
    put64(file + dynamic_value(1), base + RELA);
    assert_ok(elf_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image));
    assert_int_equal(image.base, base);
    assert_int_equal(image.bytes, 0x5000);
    assert_int_equal(image.entry, TEXT_ADDRESS + 8);
    struct loaded l = load_image(&image);
    assert_int_equal(get64(l.memory + 0x2320), LOAD + 0x1280);
    assert_int_equal(get64(l.memory + 0x43f8), LOAD + 0x4400);
    free(l.memory);
    put_rela(file, 0, base - 8, RELATIVE_AARCH64, 0); /* below everything */
    assert_error(check_image(file, sizeof(file)), ERR_ELF_RELOCATION, RELA);
    put64(file + dynamic_value(2), 6 * ELF_RELA_BYTES); /* 0x10 beyond the segment */
    assert_error(check_image(file, sizeof(file)), ERR_ELF_DYNAMIC, 5);
    put64(file + dynamic_value(1), RELA);
    assert_error(check_image(file, sizeof(file)), ERR_ELF_DYNAMIC, 5);
    put64(file + ELF_E_ENTRY, TEXT_ADDRESS);
    assert_error(check_image(file, sizeof(file)), ERR_ELF_ENTRY, TEXT_ADDRESS);
}

static void test_x86_64(void **state)
{
    uint8_t file[FILE_BYTES];
    struct elf_image image;

    (void)state;
    build_image_for(file, ELF_MACHINE_X86_64, RELATIVE_X86_64);
    put64(file + ELF_E_ENTRY, TEXT_ADDRESS + 1); /* instructions need no alignment there */
    assert_ok(elf_check(file, sizeof(file), ELF_MACHINE_X86_64, &image));
    build_image_for(file, ELF_MACHINE_X86_64, RELATIVE_AARCH64);
    assert_error(elf_check(file, sizeof(file), ELF_MACHINE_X86_64, &image), ERR_ELF_RELOCATION, RELA);
}

static void test_no_alignment_needed(void **state)
{
    uint8_t room[FILE_BYTES + 1];
    struct elf_image image;

    (void)state;
    build_image(room);
    memmove(room + 1, room, FILE_BYTES);
    assert_ok(elf_check(room + 1, FILE_BYTES, ELF_MACHINE_AARCH64, &image));
    struct loaded l = load_image(&image);
    assert_int_equal(get64(l.memory + 0x2328), LOAD + 0x2320);
    free(l.memory);
}

static void test_untouched_on_failure(void **state)
{
    uint8_t file[FILE_BYTES];
    struct elf_image image, before;

    (void)state;
    build_image(file);
    put_rela(file, 3, 0, RELATIVE_AARCH64, 0);
    memset(&image, 0xa5, sizeof(image));
    memcpy(&before, &image, sizeof(image));
    assert_error(elf_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image), ERR_ELF_RELOCATION, RELA + 72);
    assert_memory_equal(&image, &before, sizeof(image));
}

/* --- the file's header --- */

static void test_truncated_anywhere(void **state)
{
    uint8_t file[FILE_BYTES];

    (void)state;
    build_image(file);
    for (size_t bytes = 0; bytes < FILE_BYTES; bytes++) {
        err_t e = check_image(file, bytes);
        assert_int_equal(e.code[0], ERR_ELF_TRUNCATED);
        assert_true(e.detail > bytes && e.detail <= FILE_BYTES);
    }
    assert_ok(check_image(file, FILE_BYTES));
}

static void test_magic(void **state)
{
    static const struct change changes[] = {
        {0, 1, 0, ERR_ELF_MAGIC, 0},
        {1, 1, 'e', ERR_ELF_MAGIC, 0},
        {2, 1, 'l', ERR_ELF_MAGIC, 0},
        {3, 1, 'f', ERR_ELF_MAGIC, 0},
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
    assert_error(check_image((const uint8_t *)"#!/bin/sh", 9), ERR_ELF_MAGIC, 0);
    assert_error(check_image((const uint8_t *)"\177ELF", 4), ERR_ELF_TRUNCATED, 64);
    assert_error(check_image((const uint8_t *)"ELF.", 4), ERR_ELF_MAGIC, 0);
    assert_error(check_image((const uint8_t *)"ELF", 3), ERR_ELF_TRUNCATED, 64);
    assert_error(check_image((const uint8_t *)"", 0), ERR_ELF_TRUNCATED, 64);
}

static void test_class(void **state)
{
    static const struct change changes[] = {
        {ELF_EI_CLASS, 1, 1, ERR_ELF_CLASS, 0},      {ELF_EI_DATA, 1, 2, ERR_ELF_CLASS, 0},
        {ELF_EI_VERSION, 1, 0, ERR_ELF_CLASS, 0},    {ELF_EI_OSABI, 1, 9, ERR_ELF_HEADER, ELF_EI_OSABI},
        {ELF_EI_OSABI, 1, ELF_OSABI_GNU, ERR_OK, 0}, {8, 8, UINT64_MAX, ERR_OK, 0}, /* padding */
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

static void test_machine(void **state)
{
    static const struct change changes[] = {
        {ELF_E_MACHINE, 2, ELF_MACHINE_X86_64, ERR_ELF_MACHINE, ELF_MACHINE_X86_64},
        {ELF_E_MACHINE, 2, 243, ERR_ELF_MACHINE, 243},
    };
    uint8_t file[FILE_BYTES];
    struct elf_image image;

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
    build_image_for(file, 243, 3); /* asked for, but nothing is known about it */
    assert_error(elf_check(file, sizeof(file), 243, &image), ERR_ELF_MACHINE, 243);
}

static void test_type(void **state)
{
    static const struct change changes[] = {
        {ELF_E_TYPE, 2, ELF_TYPE_EXEC, ERR_ELF_EXEC, 0},
        {ELF_E_TYPE, 2, 1, ERR_ELF_TYPE, 1},
        {ELF_E_TYPE, 2, 4, ERR_ELF_TYPE, 4},
        {ELF_E_TYPE, 2, 0xfe00, ERR_ELF_TYPE, 0xfe00},
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

static void test_header_fields(void **state)
{
    static const struct change changes[] = {
        {ELF_E_VERSION, 4, 2, ERR_ELF_HEADER, ELF_E_VERSION},
        {ELF_E_FLAGS, 4, 1, ERR_ELF_HEADER, ELF_E_FLAGS},
        {ELF_E_EHSIZE, 2, 52, ERR_ELF_HEADER, ELF_E_EHSIZE},
        {ELF_E_PHENTSIZE, 2, 55, ERR_ELF_HEADER, ELF_E_PHENTSIZE},
        {ELF_E_PHNUM, 2, 0xffff, ERR_ELF_HEADER, ELF_E_PHNUM},
        {ELF_E_PHNUM, 2, 0, ERR_ELF_EMPTY, 0},
        {ELF_E_PHNUM, 2, 1, ERR_ELF_EMPTY, 0}, /* PT_PHDR alone */
        {ELF_E_PHOFF, 8, 0, ERR_ELF_HEADER, ELF_E_PHOFF},
        {ELF_E_PHOFF, 8, 56, ERR_ELF_HEADER, ELF_E_PHOFF},
        {ELF_E_PHOFF, 8, 65, ERR_ELF_HEADER, ELF_E_PHOFF},
        {ELF_E_PHOFF, 8, FILE_BYTES, ERR_ELF_TRUNCATED, FILE_BYTES + HEADERS * 56},
        {ELF_E_PHOFF, 8, UINT64_MAX - 7, ERR_ELF_TRUNCATED, UINT64_MAX},
        {0x28, 8, UINT64_MAX, ERR_OK, 0}, /* section headers are not looked at */
        {0x3a, 6, UINT64_MAX, ERR_OK, 0},
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

static void test_entry(void **state)
{
    static const struct change changes[] = {
        {ELF_E_ENTRY, 8, 0, ERR_ELF_ENTRY, 0},
        {ELF_E_ENTRY, 8, TEXT_ADDRESS, ERR_OK, 0},
        {ELF_E_ENTRY, 8, TEXT_ADDRESS - 4, ERR_ELF_ENTRY, TEXT_ADDRESS - 4},
        {ELF_E_ENTRY, 8, TEXT_ADDRESS + 0x3c, ERR_OK, 0},
        {ELF_E_ENTRY, 8, TEXT_ADDRESS + 0x40, ERR_ELF_ENTRY, TEXT_ADDRESS + 0x40},
        {ELF_E_ENTRY, 8, TEXT_ADDRESS + 2, ERR_ELF_ENTRY, TEXT_ADDRESS + 2}, /* no instruction there */
        {ELF_E_ENTRY, 8, DYNAMIC_ADDR, ERR_ELF_ENTRY, DYNAMIC_ADDR},
        {ELF_E_ENTRY, 8, UINT64_MAX - 3, ERR_ELF_ENTRY, UINT64_MAX - 3},
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

/* --- segments --- */

static void test_segment_sizes(void **state)
{
    static const struct change changes[] = {
        {P(LOAD_X, MEMSZ), 8, 0, ERR_ELF_SEGMENT, LOAD_X},
        {P(LOAD_X, MEMSZ), 8, 0x3f, ERR_ELF_SEGMENT, LOAD_X}, /* less than in the file */
        {P(LOAD_X, FILESZ), 8, 0x41, ERR_ELF_SEGMENT, LOAD_X},
        {P(LOAD_W, MEMSZ), 8, UINT64_MAX, ERR_ELF_SEGMENT, LOAD_W},
        {P(LOAD_W, MEMSZ), 8, ((uint64_t)1 << 48) - DYNAMIC_ADDR, ERR_OK, 0},
        {P(LOAD_W, MEMSZ), 8, ((uint64_t)1 << 48) - DYNAMIC_ADDR + 1, ERR_ELF_SEGMENT, LOAD_W},
        {P(LOAD_W, VADDR), 8, UINT64_MAX, ERR_ELF_SEGMENT, LOAD_W},
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

static void test_segment_in_file(void **state)
{
    uint8_t file[FILE_BYTES];

    (void)state;
    build_image(file);
    put64(file + P(LOAD_W, FILESZ), DATA_END - DYNAMIC + 1);
    assert_error(check_image(file, sizeof(file)), ERR_ELF_TRUNCATED, FILE_BYTES + 1);
    build_image(file);
    put64(file + P(LOAD_X, OFFSET),
          TEXT + (UINT64_MAX - PAGE_MASK)); /* offset + size wraps to something small */
    assert_error(check_image(file, sizeof(file)), ERR_ELF_TRUNCATED, UINT64_MAX - PAGE_MASK + TEXT + 0x40);
    build_image(file);
    put64(file + P(LOAD_W, ALIGN), 1);
    put64(file + P(LOAD_W, OFFSET), UINT64_MAX);
    assert_error(check_image(file, sizeof(file)), ERR_ELF_TRUNCATED, UINT64_MAX);
}

static void test_segment_alignment(void **state)
{
    static const struct change changes[] = {
        {P(LOAD_X, ALIGN), 8, 0x1001, ERR_ELF_SEGMENT, LOAD_X},
        {P(LOAD_X, ALIGN), 8, 3, ERR_ELF_SEGMENT, LOAD_X},
        {P(LOAD_X, ALIGN), 8, (uint64_t)1 << 63, ERR_ELF_SEGMENT, LOAD_X},
        {P(LOAD_X, ALIGN), 8, 0x2000, ERR_ELF_SEGMENT, LOAD_X}, /* 0x1280 and 0x280 differ modulo 0x2000 */
        {P(LOAD_X, ALIGN), 8, 0, ERR_OK, 0},
        {P(LOAD_X, ALIGN), 8, 1, ERR_OK, 0},
        {P(LOAD_X, VADDR), 8, TEXT_ADDRESS + 4, ERR_ELF_SEGMENT, LOAD_X},
    };
    uint8_t file[FILE_BYTES];
    struct elf_image image;

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
    build_image(file);
    put64(file + P(LOAD_R, ALIGN), 0x10000); /* as linkers write for 64 KiB pages */
    assert_ok(elf_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image));
    assert_int_equal(image.alignment, 0x10000);
    put64(file + P(LOAD_R, ALIGN), (uint64_t)1 << 48); /* the loader's problem */
    assert_ok(elf_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image));
    assert_int_equal(image.alignment, (uint64_t)1 << 48);
}

/* A segment of zeros only, which linkers place anywhere up to the file's end. */
static void test_zeros_only(void **state)
{
    uint8_t file[FILE_BYTES];
    struct elf_image image;

    (void)state;
    build_image(file);
    put32(file + P(DYN, TYPE), 0);
    put32(file + P(RELRO, TYPE), 0);
    put64(file + P(LOAD_W, ALIGN), 1);
    put64(file + P(LOAD_W, OFFSET), FILE_BYTES);
    put64(file + P(LOAD_W, FILESZ), 0);
    assert_ok(elf_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image));
    assert_int_equal(elf_part(&image, 2).data_bytes, 0);
    put64(file + P(LOAD_W, OFFSET), FILE_BYTES + 1);
    assert_error(check_image(file, sizeof(file)), ERR_ELF_TRUNCATED, FILE_BYTES + 1);
}

static void test_segment_rights(void **state)
{
    static const struct change changes[] = {
        {P(LOAD_X, FLAGS), 4, 0, ERR_ELF_SEGMENT, LOAD_X},
        {P(LOAD_X, FLAGS), 4, ELF_PF_X, ERR_OK, 0},
        {P(LOAD_X, FLAGS), 4, ELF_PF_R | ELF_PF_W | ELF_PF_X, ERR_ELF_WRITE_EXECUTE, LOAD_X},
        {P(LOAD_X, FLAGS), 4, ELF_PF_W | ELF_PF_X, ERR_ELF_WRITE_EXECUTE, LOAD_X},
        {P(LOAD_W, FLAGS), 4, ELF_PF_W, ERR_ELF_SEGMENT, LOAD_W},
        {P(LOAD_W, FLAGS), 4, ELF_PF_R | ELF_PF_W | 8, ERR_ELF_SEGMENT, LOAD_W},
        {P(STACK, FLAGS), 4, ELF_PF_R | ELF_PF_W | ELF_PF_X, ERR_ELF_WRITE_EXECUTE, STACK},
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

static void test_segment_order(void **state)
{
    static const struct change changes[] = {
        {P(LOAD_X, TYPE), 4, ELF_PT_NOTE, ERR_ELF_OVERLAP, LOAD_W}, /* the loadable ones stand apart */
        {P(LOAD_W, VADDR), 8, 0x12c0, ERR_ELF_OVERLAP, LOAD_W},     /* shares the text's page */
        {P(LOAD_W, VADDR), 8, 0x2c0, ERR_ELF_OVERLAP, LOAD_W},      /* lies below */
        {P(LOAD_X, MEMSZ), 8, 0xd80, ERR_OK, 0},                    /* ends with its page */
        {P(LOAD_X, MEMSZ), 8, 0xd81, ERR_ELF_OVERLAP, LOAD_W},      /* one byte into the next */
        {P(LOAD_X, VADDR), 8, 0x280, ERR_ELF_OVERLAP, LOAD_X},
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

static void test_refused_segments(void **state)
{
    static const struct change changes[] = {
        {P(NOTE, TYPE), 4, ELF_PT_INTERP, ERR_ELF_INTERPRETER, NOTE},
        {P(NOTE, TYPE), 4, ELF_PT_TLS, ERR_ELF_TLS, NOTE},
        {P(NOTE, TYPE), 4, ELF_PT_DYNAMIC, ERR_ELF_SEGMENT, NOTE}, /* a second one */
        {P(NOTE, TYPE), 4, ELF_PT_GNU_RELRO, ERR_ELF_SEGMENT, NOTE},
        {P(NOTE, TYPE), 4, 0x6474e553, ERR_OK, 0}, /* PT_GNU_PROPERTY; and any other */
        {P(NOTE, TYPE), 4, 0, ERR_OK, 0},
        {P(DYN, TYPE), 4, 0, ERR_OK, 0}, /* no dynamic section: nothing to relocate */
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

static void test_many_segments(void **state)
{
    enum { COUNT = 65534, HEADERS_END = ELF_EHDR_BYTES + COUNT * ELF_PHDR_BYTES };
    uint8_t *file = calloc(1, HEADERS_END);
    struct elf_image image;

    (void)state;
    assert_non_null(file);
    put_file_header(file, ELF_MACHINE_AARCH64);
    put16(file + ELF_E_PHNUM, COUNT);
    put64(file + ELF_E_ENTRY, (uint64_t)(COUNT - 1) * PAGE_SIZE);
    for (unsigned i = 0; i < COUNT; i++) {
        put_header(file, i, ELF_PT_LOAD, ELF_PF_R | ELF_PF_X, 0, (uint64_t)i * PAGE_SIZE, 16, 16);
    }
    assert_ok(elf_check(file, HEADERS_END, ELF_MACHINE_AARCH64, &image));
    assert_int_equal(image.parts, COUNT);
    assert_int_equal(image.bytes, (uint64_t)COUNT * PAGE_SIZE);
    assert_int_equal(elf_part(&image, COUNT - 1).offset, image.entry);
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("ELF-GOOD-001 a static-PIE image is accepted and described", test_accepts_good),
        TEST("ELF-GOOD-002 parts are page runs with their file bytes and rights", test_parts),
        TEST("ELF-GOOD-003 relocations write load address plus addend", test_relocates),
        TEST("ELF-GOOD-004 an image linked at another base gives the same parts and words", test_base),
        TEST("ELF-GOOD-005 x86-64 images have their own relocation type and no entry alignment", test_x86_64),
        TEST("ELF-GOOD-006 the file needs no alignment in memory", test_no_alignment_needed),
        TEST("ELF-GOOD-007 a refused file leaves the description untouched", test_untouched_on_failure),
        TEST("ELF-HEADER-001 a file cut anywhere is truncated, with an offset behind its end",
             test_truncated_anywhere),
        TEST("ELF-HEADER-002 what does not begin with the magic is no ELF file", test_magic),
        TEST("ELF-HEADER-003 class, byte order, version and OS ABI are checked", test_class),
        TEST("ELF-HEADER-004 another processor's file is refused with its number", test_machine),
        TEST("ELF-HEADER-005 ET_EXEC is refused by name, other types by number", test_type),
        TEST("ELF-HEADER-006 each header field that matters is checked", test_header_fields),
        TEST("ELF-HEADER-007 the entry point lies on an instruction of an executable segment", test_entry),
        TEST("ELF-SEGMENT-001 sizes and addresses are bounded and do not overflow", test_segment_sizes),
        TEST("ELF-SEGMENT-002 a segment's bytes lie in the file", test_segment_in_file),
        TEST("ELF-SEGMENT-003 alignment is a power of two that address and offset share",
             test_segment_alignment),
        TEST("ELF-SEGMENT-004 writable and executable, or no rights, are refused", test_segment_rights),
        TEST("ELF-SEGMENT-005 segments ascend, stand together and share no page", test_segment_order),
        TEST("ELF-SEGMENT-006 interpreter, TLS and double headers are refused, others ignored",
             test_refused_segments),
        TEST("ELF-SEGMENT-007 65,534 segments are fine", test_many_segments),
        TEST("ELF-SEGMENT-008 a segment of zeros only may stand at the file's end, not behind it",
             test_zeros_only),
    };
    return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
