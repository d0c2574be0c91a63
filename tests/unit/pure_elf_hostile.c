/* SPDX-License-Identifier: MIT */
/* Damaged images: elf_check refuses with a specific error, or what it accepts is safe to load. */
#include "pure_elf_image.h"

struct window {
    const struct elf_image *image;
    uint64_t writes;
};

static void check_write(void *context, uint64_t offset, uint64_t value)
{
    struct window *w = context;

    (void)value;
    assert_true(offset % 8 == 0 && offset < w->image->bytes && w->image->bytes - offset >= 8);
    w->writes++;
}

static void check_part(const struct elf_part *p, const uint8_t *file, size_t bytes)
{
    const unsigned both = CAP_WRITE | CAP_EXECUTE;

    assert_true(p->bytes > 0 && p->offset % PAGE_SIZE == 0 && p->bytes % PAGE_SIZE == 0);
    assert_true(p->rights != 0 && (p->rights & both) != both);
    assert_true(p->data_offset >= p->offset && p->data_offset - p->offset <= p->bytes);
    assert_true(p->data_bytes <= p->bytes - (p->data_offset - p->offset));
    assert_true(p->data >= file && p->data <= file + bytes &&
                p->data_bytes <= (size_t)(file + bytes - p->data));
}

/* Everything a loader relies on, checked without the reader's own arithmetic. */
static void expect_safe(const struct elf_image *image, const uint8_t *file, size_t bytes)
{
    uint64_t end = 0;
    bool entry_found = false;
    struct window w = {image, 0};

    assert_true(image->parts > 0 && image->bytes > 0 && image->bytes <= (uint64_t)1 << 48);
    assert_true(image->bytes % PAGE_SIZE == 0 && image->base % PAGE_SIZE == 0);
    assert_true(image->alignment >= PAGE_SIZE && (image->alignment & (image->alignment - 1)) == 0);
    for (unsigned i = 0; i < image->parts; i++) {
        struct elf_part p = elf_part(image, i);
        check_part(&p, file, bytes);
        assert_true(i == 0 ? p.offset == 0 : p.offset >= end);
        end = p.offset + p.bytes;
        entry_found |= (p.rights & CAP_EXECUTE) && image->entry >= p.data_offset &&
                       image->entry - p.data_offset < p.data_bytes;
    }
    assert_true(end == image->bytes && entry_found);
    elf_relocate(image, LOAD, check_write, &w);
    assert_true(w.writes <= bytes / ELF_RELA_BYTES);
}

static bool is_elf_error(err_t e)
{
    return e.code[0] >= ERR_ELF_TRUNCATED && e.code[0] <= ERR_ELF_EMPTY && e.code[1] == 0;
}

/* Refused by a specific error, or accepted and safe. */
static bool try_file(const uint8_t *file, size_t bytes)
{
    struct elf_image image;
    err_t e = elf_check(file, bytes, ELF_MACHINE_AARCH64, &image);

    if (err_ok(e)) {
        expect_safe(&image, file, bytes);
        return true;
    }
    assert_true(is_elf_error(e));
    return false;
}

static void test_every_byte(void **state)
{
    uint8_t good[FILE_BYTES];
    uint8_t *file;
    unsigned accepted = 0, refused = 0;

    (void)state;
    build_image(good);
    file = exact_copy(good, FILE_BYTES);
    for (size_t at = 0; at < FILE_BYTES; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            file[at] = good[at] ^ (uint8_t)(1u << bit);
            *(try_file(file, FILE_BYTES) ? &accepted : &refused) += 1;
        }
        file[at] = 0xff;
        (void)try_file(file, FILE_BYTES);
        file[at] = 0;
        (void)try_file(file, FILE_BYTES);
        file[at] = good[at];
    }
    assert_true(accepted > 1000 && refused > 1000); /* the test reaches both sides */
    free(file);
}

/* Values on which arithmetic breaks. */
static uint64_t nasty(uint64_t *seed)
{
    static const uint64_t values[] = {
        0,          1,          7,          8,          0xff,          0xfff,
        0x1000,     0x1001,     0x7fffffff, 0x80000000, 0xffffffff,    0x100000000,
        1ull << 47, 1ull << 48, 1ull << 63, UINT64_MAX, UINT64_MAX - 7};
    uint64_t value = values[random_below(seed, ARRAY_LENGTH(values))];

    switch (random_below(seed, 4)) {
    case 0:
        return value + random_below(seed, 65) - 32;
    case 1:
        return value + random_below(seed, FILE_BYTES + 1);
    case 2:
        return random_next(seed);
    default:
        return value;
    }
}

static void mutate(uint8_t *file, uint64_t *seed)
{
    for (uint64_t changes = 1 + random_below(seed, 4); changes > 0; changes--) {
        static const unsigned widths[] = {1, 2, 4, 8, 8};
        unsigned width = widths[random_below(seed, ARRAY_LENGTH(widths))];
        size_t area = random_below(seed, 4) == 0 ? FILE_BYTES : TEXT; /* mostly headers and relocations */
        size_t at = random_below(seed, area / width) * width;
        struct change c = {at, width, nasty(seed), ERR_OK, 0};
        apply_change(file, &c);
    }
}

static void test_random_files(void **state)
{
    uint64_t seed = 0x6d756473;
    uint8_t good[FILE_BYTES];
    uint8_t *file;
    unsigned accepted = 0;

    (void)state;
    build_image(good);
    file = exact_copy(good, FILE_BYTES);
    for (unsigned i = 0; i < 100000; i++) {
        memcpy(file, good, FILE_BYTES);
        mutate(file, &seed);
        accepted += try_file(file, FILE_BYTES) ? 1 : 0;
    }
    assert_true(accepted > 100 && accepted < 90000);
    free(file);
}

static void test_random_truncation(void **state)
{
    uint64_t seed = 0x736b6970;
    uint8_t good[FILE_BYTES];

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        build_image(good);
        mutate(good, &seed);
        size_t bytes = random_below(&seed, FILE_BYTES + 1);
        uint8_t *file = exact_copy(good, bytes);
        (void)try_file(file, bytes);
        free(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("ELF-HOSTILE-001 every bit of every byte: refused, or accepted and safe", test_every_byte),
        TEST("ELF-HOSTILE-002 100,000 images with random fields: refused, or accepted and safe",
             test_random_files),
        TEST("ELF-HOSTILE-003 20,000 cut and changed images are never read beyond their end",
             test_random_truncation),
    };
    return cmocka_run_group_tests_name("elf_hostile", tests, NULL, NULL);
}
