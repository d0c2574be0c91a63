/* SPDX-License-Identifier: MIT */
/* elf_check on what is read-only after relocation, the dynamic section and relocations. */
#include "pure_elf_image.h"

/* --- PT_GNU_RELRO --- */

static void test_relro_refused(void **state)
{
    static const struct change changes[] = {
        {P(RELRO, MEMSZ), 8, UINT64_MAX, ERR_ELF_SEGMENT, RELRO},
        {P(RELRO, MEMSZ), 8, ((uint64_t)1 << 48) - DYNAMIC_ADDR, ERR_OK, 0},
        {P(RELRO, MEMSZ), 8, ((uint64_t)1 << 48) - DYNAMIC_ADDR + 1, ERR_ELF_SEGMENT, RELRO},
        {P(RELRO, VADDR), 8, UINT64_MAX, ERR_ELF_SEGMENT, RELRO},
        {P(RELRO, VADDR), 8, TEXT_ADDRESS, ERR_ELF_SEGMENT, RELRO}, /* not writable */
        {P(RELRO, VADDR), 8, 0x3000, ERR_ELF_SEGMENT, RELRO},       /* not where the segment begins */
        {P(RELRO, VADDR), 8, 0x5000, ERR_ELF_SEGMENT, RELRO},
    };

    uint8_t file[FILE_BYTES];

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
    build_image(file); /* behind the segment, but in its only page */
    put64(file + P(LOAD_W, MEMSZ), DATA_END - DYNAMIC);
    put64(file + P(RELRO, VADDR), DYNAMIC_ADDR + DATA_END - DYNAMIC);
    assert_error(check_image(file, sizeof(file)), ERR_ELF_SEGMENT, RELRO);
}

/* How many parts, and how many bytes of the writable segment end read-only, for a header of `bytes`. */
static void expect_relro(uint64_t bytes, unsigned parts, uint64_t read_only)
{
    uint8_t file[FILE_BYTES];
    struct elf_image image;
    uint64_t found = 0;

    build_image(file);
    put64(file + P(RELRO, MEMSZ), bytes);
    assert_ok(elf_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image));
    assert_int_equal(image.parts, parts);
    for (unsigned i = 2; i < parts; i++) {
        struct elf_part p = elf_part(&image, i);
        found += (p.rights & CAP_WRITE) ? 0 : p.bytes;
    }
    assert_int_equal(found, read_only);
    struct loaded l = load_image(&image); /* the same memory, however it is cut */
    assert_memory_equal(l.memory + 0x2330, file + 0x330, 0x3f8 - 0x330);
    free(l.memory);
}

static void test_relro_pages(void **state)
{
    (void)state;
    expect_relro(0, 3, 0);
    expect_relro(0x100, 3, 0); /* no whole page */
    expect_relro(0x3000 - DYNAMIC_ADDR, 4, 0x1000);
    expect_relro(0x3fff - DYNAMIC_ADDR, 4, 0x1000);
    expect_relro(0x4000 - DYNAMIC_ADDR, 4, 0x2000);
    expect_relro(0x4400 - DYNAMIC_ADDR, 3, 0x3000);  /* to the segment's end: its last page too */
    expect_relro(0x10000 - DYNAMIC_ADDR, 3, 0x3000); /* rounded up by the linker */
}

static void test_relro_splits_data(void **state)
{
    enum { SECOND_PAGE = 0x1000, BYTES = FILE_BYTES + SECOND_PAGE };
    uint8_t *file = calloc(1, BYTES);
    struct elf_image image;

    (void)state;
    assert_non_null(file);
    build_image(file);
    memset(file + FILE_BYTES, 0x5a, SECOND_PAGE);
    put64(file + P(LOAD_W, FILESZ),
          DATA_END - DYNAMIC + SECOND_PAGE); /* data reaches from 0x22c0 to 0x3400 */
    assert_ok(elf_check(file, BYTES, ELF_MACHINE_AARCH64, &image));
    expect_part(&image, 2, (struct elf_part){0x2000, 0x1000, CAP_READ, 0x22c0, 0xd40, file + DYNAMIC});
    expect_part(
        &image, 3,
        (struct elf_part){0x3000, 0x2000, CAP_READ | CAP_WRITE, 0x3000, 0x400, file + DYNAMIC + 0xd40});
    free(file);
}

/* --- dynamic section and relocations --- */

static void test_dynamic_place(void **state)
{
    static const struct change changes[] = {
        {P(DYN, OFFSET), 8, DYNAMIC + 16, ERR_ELF_SEGMENT, DYN}, /* not what lies at its address */
        {P(DYN, VADDR), 8, 0x4000, ERR_ELF_SEGMENT, DYN},        /* in the zeros */
        {P(DYN, VADDR), 8, UINT64_MAX, ERR_ELF_SEGMENT, DYN},
        {P(DYN, FILESZ), 8, 0x50, ERR_ELF_DYNAMIC, 5}, /* no DT_NULL within */
        {P(DYN, FILESZ), 8, 0, ERR_ELF_DYNAMIC, 0},
        {P(DYN, FILESZ), 8, UINT64_MAX, ERR_ELF_TRUNCATED, UINT64_MAX},
        {P(DYN, OFFSET), 8, UINT64_MAX, ERR_ELF_TRUNCATED, UINT64_MAX},
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

static void test_dynamic_entries(void **state)
{
    const size_t tag0 = DYNAMIC;
    const struct change changes[] = {
        {tag0, 8, ELF_DT_NEEDED, ERR_ELF_INTERPRETER, 0},
        {tag0, 8, ELF_DT_RELAENT, ERR_ELF_DYNAMIC, 0}, /* entries of 0 bytes */
        {tag0, 8, ELF_DT_RELASZ, ERR_ELF_DYNAMIC, 2},  /* twice */
        {tag0, 8, ELF_DT_RELA, ERR_ELF_DYNAMIC, 1},
        {tag0, 8, ELF_DT_NULL, ERR_OK, 0}, /* ends here: no relocations */
        {tag0, 8, UINT64_MAX, ERR_OK, 0},
        {tag0, 8, ELF_DT_PLTRELSZ, ERR_OK, 0},             /* an empty table */
        {dynamic_value(1), 8, 0x4000, ERR_ELF_DYNAMIC, 5}, /* table in the zeros */
        {dynamic_value(1), 8, UINT64_MAX, ERR_ELF_DYNAMIC, 5},
        {dynamic_value(2), 8, 97, ERR_ELF_DYNAMIC, 2},           /* not whole entries */
        {dynamic_value(2), 8, 24 * 1000000, ERR_ELF_DYNAMIC, 5}, /* reaches beyond its segment */
        {dynamic_value(2), 8, UINT64_MAX - 15, ERR_ELF_DYNAMIC, 5},
        {dynamic_value(2), 8, 0, ERR_OK, 0},
        {dynamic_value(3), 8, 16, ERR_ELF_DYNAMIC, 3},
        {DYNAMIC + 16, 8, 30, ERR_ELF_DYNAMIC, 5},             /* DT_RELA missing */
        {DYNAMIC + 32, 8, 30, ERR_ELF_DYNAMIC, 5},             /* DT_RELASZ */
        {DYNAMIC + 48, 8, 30, ERR_ELF_DYNAMIC, 5},             /* DT_RELAENT */
        {DYNAMIC + 64, 8, ELF_DT_RELAENT, ERR_ELF_DYNAMIC, 4}, /* twice */
        {DYNAMIC + 64, 8, ELF_DT_PLTRELSZ, ERR_ELF_DYNAMIC, 4},
        {DYNAMIC + 64, 8, ELF_DT_RELSZ, ERR_ELF_DYNAMIC, 4},
        {DYNAMIC + 64, 8, ELF_DT_RELRSZ, ERR_ELF_DYNAMIC, 4},
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

/* The relocation table may end with its segment, not behind it. */
static void test_table_at_end(void **state)
{
    const uint64_t end = RELA + RELAS * ELF_RELA_BYTES;
    uint8_t file[FILE_BYTES];

    (void)state;
    build_image(file);
    put64(file + P(LOAD_R, FILESZ), end);
    assert_ok(check_image(file, sizeof(file)));
    put64(file + P(LOAD_R, FILESZ), end - 1);
    assert_error(check_image(file, sizeof(file)), ERR_ELF_DYNAMIC, 5);
}

static void test_relocation_entries(void **state)
{
    const size_t last = RELA + 3 * ELF_RELA_BYTES;
    const struct change changes[] = {
        {last + 8, 8, 257, ERR_ELF_RELOCATION, last},                                  /* R_AARCH64_ABS64 */
        {last + 8, 8, RELATIVE_AARCH64 | (uint64_t)1 << 32, ERR_ELF_RELOCATION, last}, /* with a symbol */
        {last + 8, 8, 1032, ERR_ELF_RELOCATION, last},                                 /* IRELATIVE */
        {last, 8, 0x43f9, ERR_ELF_RELOCATION, last},                                   /* unaligned */
        {last, 8, 0x4400, ERR_ELF_RELOCATION, last}, /* behind the segment */
        {last, 8, 0x4ff8, ERR_ELF_RELOCATION, last}, /* in its last page */
        {last, 8, TEXT_ADDRESS, ERR_ELF_RELOCATION, last},
        {last, 8, 0, ERR_ELF_RELOCATION, last},
        {last, 8, UINT64_MAX - 7, ERR_ELF_RELOCATION, last},
        {last, 8, DYNAMIC_ADDR, ERR_OK,
         0}, /* the first word of a writable segment; the file stays as it is */
        {last, 8, DYNAMIC_ADDR - 8, ERR_ELF_RELOCATION, last},
        {last + 16, 8, UINT64_MAX, ERR_OK, 0}, /* a wild addend harms the program only */
    };

    (void)state;
    expect_changes(changes, ARRAY_LENGTH(changes));
}

/* The writable segment shrinks to 4 bytes; dynamic section and one relocation move into segment 0. */
static void test_relocation_in_tiny_segment(void **state)
{
    const size_t dynamic = RELA + ELF_RELA_BYTES;
    const uint64_t entries[] = {ELF_DT_RELA,    RELA,           ELF_DT_RELASZ, ELF_RELA_BYTES,
                                ELF_DT_RELAENT, ELF_RELA_BYTES, ELF_DT_NULL,   0};
    uint8_t file[FILE_BYTES];

    (void)state;
    build_image(file);
    put64(file + P(LOAD_W, FILESZ), 4);
    put64(file + P(LOAD_W, MEMSZ), 4);
    put32(file + P(RELRO, TYPE), 0);
    put64(file + P(DYN, OFFSET), dynamic);
    put64(file + P(DYN, VADDR), dynamic);
    put64(file + P(DYN, FILESZ), sizeof(entries));
    for (unsigned i = 0; i < ARRAY_LENGTH(entries); i++) {
        put64(file + dynamic + 8 * i, entries[i]);
    }
    put_rela(file, 0, DYNAMIC_ADDR, RELATIVE_AARCH64, 0);
    assert_error(check_image(file, sizeof(file)), ERR_ELF_RELOCATION, RELA);
    put64(file + P(LOAD_W, FILESZ), 8);
    put64(file + P(LOAD_W, MEMSZ), 8);
    assert_ok(check_image(file, sizeof(file)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("ELF-RELRO-001 a part outside the beginning of a writable segment is refused",
             test_relro_refused),
        TEST("ELF-RELRO-002 whole pages become read-only", test_relro_pages),
        TEST("ELF-RELRO-003 the file's bytes are split where the rights change", test_relro_splits_data),
        TEST("ELF-DYNAMIC-001 the dynamic section lies in a segment's file bytes and ends",
             test_dynamic_place),
        TEST("ELF-DYNAMIC-002 entries a loader must honour are complete, single and right",
             test_dynamic_entries),
        TEST("ELF-DYNAMIC-003 the relocation table may end with its segment, not behind it",
             test_table_at_end),
        TEST("ELF-RELA-001 only aligned RELATIVE relocations in writable segments pass",
             test_relocation_entries),
        TEST("ELF-RELA-002 a segment smaller than a word has no relocation", test_relocation_in_tiny_segment),
    };
    return cmocka_run_group_tests_name("elf_dynamic", tests, NULL, NULL);
}
