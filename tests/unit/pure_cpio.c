/* SPDX-License-Identifier: MIT */
/* The newc reader. Archives are built in memory and read from buffers of their exact size. */
#include "pure_test.h"
#include <stdio.h>
#include <mudskipper/pure/cpio.h>

#define ROOM      65536u
#define FILE_MODE (CPIO_MODE_FILE | 0644u)

struct archive {
    uint8_t bytes[ROOM];
    size_t size;
};

static void add_bytes(struct archive *a, const void *bytes, size_t count)
{
    assert_true(count <= ROOM - a->size);
    if (count > 0) {
        memcpy(a->bytes + a->size, bytes, count);
    }
    a->size += count;
}

static void pad(struct archive *a, size_t alignment)
{
    while (a->size % alignment != 0) {
        add_bytes(a, "", 1);
    }
}

/* An entry as `cpio -H newc` writes it; the name has name_bytes including its NUL. */
static size_t add_raw(struct archive *a, const char *name, size_t name_bytes, unsigned mode, const void *data,
                      size_t bytes)
{
    char header[111];
    size_t offset = a->size;

    snprintf(header, sizeof(header), "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 1, mode, 0,
             0, 1, 0x5f000000, (unsigned)bytes, 0, 0, 0, 0, (unsigned)name_bytes, 0);
    add_bytes(a, header, 110);
    add_bytes(a, name, name_bytes);
    pad(a, 4);
    add_bytes(a, data, bytes);
    pad(a, 4);
    return offset;
}

static size_t add_file(struct archive *a, const char *name, const char *data)
{
    return add_raw(a, name, strlen(name) + 1, FILE_MODE, data, strlen(data));
}

static size_t add_trailer(struct archive *a)
{
    return add_raw(a, "TRAILER!!!", 11, 0, NULL, 0);
}

/* Reads the whole archive from an exact buffer. */
static err_t check(const struct archive *a, uint64_t *entries)
{
    uint8_t *copy = exact_copy(a->bytes, a->size);
    err_t e = cpio_check(copy, a->size, entries);
    free(copy);
    return e;
}

/* --- reading --- */

static void expect_entry(const struct archive *a, uint64_t *position, const char *name, const char *data)
{
    struct cpio_entry e;

    assert_ok(cpio_next(a->bytes, a->size, position, &e));
    assert_non_null(e.name);
    assert_string_equal(e.name, name);
    assert_int_equal(e.name_bytes, strlen(name));
    assert_int_equal(e.bytes, strlen(data));
    assert_memory_equal(e.data, data, strlen(data));
}

static void expect_end(const struct archive *a, uint64_t *position)
{
    struct cpio_entry e;

    assert_ok(cpio_next(a->bytes, a->size, position, &e));
    assert_null(e.name);
}

static void test_iterates(void **state)
{
    struct archive a = {.size = 0};
    uint64_t position = 0;
    struct cpio_entry e;

    (void)state;
    add_file(&a, "boot", "spawn init\n");
    add_file(&a, "bin/init", "");
    size_t third = add_raw(&a, "bin", 4, CPIO_MODE_FOLDER | 0755, NULL, 0);
    add_trailer(&a);
    expect_entry(&a, &position, "boot", "spawn init\n");
    expect_entry(&a, &position, "bin/init", "");
    assert_ok(cpio_next(a.bytes, a.size, &position, &e));
    assert_int_equal(e.mode, CPIO_MODE_FOLDER | 0755);
    assert_int_equal(e.offset, third);
    assert_int_equal(e.mtime, 0x5f000000);
    expect_end(&a, &position);
    expect_end(&a, &position);
}

static void test_several(void **state)
{
    struct archive a = {.size = 0};
    uint64_t position = 0, entries = 0;

    (void)state;
    add_file(&a, "one", "1");
    add_trailer(&a);
    pad(&a, 512);
    add_file(&a, "two", "22");
    add_trailer(&a);
    add_file(&a, "three", "333"); /* directly behind */
    add_trailer(&a);
    pad(&a, 4096);
    expect_entry(&a, &position, "one", "1");
    expect_entry(&a, &position, "two", "22");
    expect_entry(&a, &position, "three", "333");
    expect_end(&a, &position);
    assert_ok(check(&a, &entries));
    assert_int_equal(entries, 3);
}

static void test_empty_archive(void **state)
{
    struct archive a = {.size = 0};
    uint64_t entries = 1;

    (void)state;
    add_trailer(&a);
    assert_ok(check(&a, &entries));
    assert_int_equal(entries, 0);
    assert_ok(cpio_check(a.bytes, a.size, NULL));
    a.size = 110 + 11; /* the trailer's own padding is missing */
    assert_ok(check(&a, &entries));
}

static void test_digits(void **state)
{
    struct archive a = {.size = 0};

    (void)state;
    add_file(&a, "abcdefghijklmnopqrstuvwxyz", "twelve bytes"); /* sizes 0x1b and 0xc */
    add_trailer(&a);
    assert_ok(check(&a, NULL));
    for (size_t i = 0; i < 110; i++) {
        a.bytes[i] = a.bytes[i] >= 'A' && a.bytes[i] <= 'F' ? (uint8_t)(a.bytes[i] + 'a' - 'A') : a.bytes[i];
    }
    assert_ok(check(&a, NULL));
}

/* --- finding --- */

static void test_find(void **state)
{
    struct archive a = {.size = 0};
    struct cpio_entry e;

    (void)state;
    add_file(&a, "a", "first");
    add_file(&a, "./bin/b", "second");
    add_file(&a, "/abs", "third");
    add_trailer(&a);
    assert_ok(cpio_find(a.bytes, a.size, "a", &e));
    assert_memory_equal(e.data, "first", 5);
    assert_ok(cpio_find(a.bytes, a.size, "/bin/b", &e));
    assert_memory_equal(e.data, "second", 6);
    assert_ok(cpio_find(a.bytes, a.size, "bin/b", &e));
    assert_ok(cpio_find(a.bytes, a.size, ".//./abs", &e));
    memset(&e, 0x5a, sizeof(e));
    struct cpio_entry before = e;
    assert_error(cpio_find(a.bytes, a.size, "b", &e), ERR_CPIO_NOT_FOUND, 0);
    assert_error(cpio_find(a.bytes, a.size, "bin", &e), ERR_CPIO_NOT_FOUND, 0);
    assert_error(cpio_find(a.bytes, a.size, "", &e), ERR_CPIO_NOT_FOUND, 0);
    assert_memory_equal(&e, &before, sizeof(e));
}

static void test_find_last(void **state)
{
    struct archive a = {.size = 0};
    struct cpio_entry e;

    (void)state;
    add_file(&a, "init", "old");
    add_trailer(&a);
    add_file(&a, "./init", "new");
    add_raw(&a, "init", 5, CPIO_MODE_FOLDER | 0755, NULL, 0); /* no file: does not count */
    add_trailer(&a);
    assert_ok(cpio_find(a.bytes, a.size, "init", &e));
    assert_memory_equal(e.data, "new", 3);
}

static void test_find_reports_damage(void **state)
{
    struct archive a = {.size = 0};
    struct cpio_entry e;

    (void)state;
    add_file(&a, "good", "data");
    size_t bad = add_file(&a, "bad", "data");
    add_trailer(&a);
    a.bytes[bad] = '1';
    assert_error(cpio_find(a.bytes, a.size, "good", &e), ERR_CPIO_MAGIC, bad);
}

static void test_names(void **state)
{
    (void)state;
    assert_true(cpio_same_name("a/b", "/a/b"));
    assert_true(cpio_same_name("././a", "//a"));
    assert_false(cpio_same_name("a", "b"));
    assert_false(cpio_same_name("../a", "a"));
    assert_false(cpio_same_name(".a", "a"));
    assert_true(cpio_same_name(".", "."));
}

/* --- refusing --- */

static void test_no_trailer(void **state)
{
    struct archive a = {.size = 0};

    (void)state;
    assert_error(check(&a, NULL), ERR_CPIO_NO_TRAILER, 0);
    add_file(&a, "a", "data");
    assert_error(check(&a, NULL), ERR_CPIO_NO_TRAILER, a.size);
    size_t end = a.size;
    a.size = end - 3; /* padding of the last data missing as well */
    a.bytes[54 + 7] = '1';
    assert_error(check(&a, NULL), ERR_CPIO_NO_TRAILER, a.size);
}

static void test_truncated_anywhere(void **state)
{
    struct archive a = {.size = 0};

    (void)state;
    size_t first = add_file(&a, "first", "some data");
    size_t second = add_file(&a, "second", "more");
    size_t trailer = add_trailer(&a);
    for (size_t whole = a.size, cut = 1; cut < whole; cut++) {
        a.size = cut;
        err_t e = check(&a, NULL);
        size_t begun = cut > trailer ? trailer : cut > second ? second : first;
        if (cut >= trailer + 110 + 11) {
            assert_ok(e); /* only padding is missing */
        } else if (e.code[0] == ERR_CPIO_NO_TRAILER) {
            assert_int_equal(e.detail, cut); /* between two entries */
            assert_true((cut <= second && cut > second - 4) || (cut <= trailer && cut > trailer - 4));
        } else {
            assert_error(e, ERR_CPIO_TRUNCATED, begun);
        }
    }
}

static void test_magic(void **state)
{
    struct archive a = {.size = 0};
    size_t trailer;

    (void)state;
    add_file(&a, "a", "data");
    trailer = add_trailer(&a);
    memcpy(a.bytes + trailer, "070702", 6); /* the variant with check sums */
    assert_error(check(&a, NULL), ERR_CPIO_MAGIC, trailer);
    memcpy(a.bytes, "070707", 6);
    assert_error(check(&a, NULL), ERR_CPIO_MAGIC, 0);
    a = (struct archive){.size = 512}; /* all zeros are no archive */
    assert_error(check(&a, NULL), ERR_CPIO_MAGIC, 0);
}

static void test_garbage_behind(void **state)
{
    struct archive a = {.size = 0};

    (void)state;
    add_trailer(&a);
    pad(&a, 256);
    add_bytes(&a, "\xff\xff", 2);
    assert_error(check(&a, NULL), ERR_CPIO_MAGIC, 256);
    a.size = 256;
    add_bytes(&a,
              "\0"
              "070701",
              7); /* a header where none can begin */
    assert_error(check(&a, NULL), ERR_CPIO_MAGIC, 256);
}

static void test_fields(void **state)
{
    struct archive good = {.size = 0};

    (void)state;
    add_file(&good, "a", "data");
    add_trailer(&good);
    for (size_t field = 6; field < 110; field += 8) {
        for (size_t i = 0; i < 8; i++) {
            static const char bad[] = {'g', 'G', ' ', '/', ':', '@', '`', '-', '\0', (char)0xff};
            for (size_t b = 0; b < sizeof(bad); b++) {
                struct archive a = good;
                a.bytes[field + i] = (uint8_t)bad[b];
                assert_error(check(&a, NULL), ERR_CPIO_FIELD, field);
            }
        }
    }
}

static void test_bad_names(void **state)
{
    static const struct {
        const char *name;
        size_t bytes;
    } names[] = {{"", 0}, {"", 1}, {"ab", 2}, {"a\0b", 4}, {"\0a", 3}, {"a\0", 3}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct archive a = {.size = 0};
        add_file(&a, "x", "y");
        size_t bad = add_raw(&a, names[i].name, names[i].bytes, FILE_MODE, "data", 4);
        add_trailer(&a);
        assert_error(check(&a, NULL), ERR_CPIO_NAME, bad);
    }
}

static void test_sizes(void **state)
{
    struct archive a = {.size = 0};

    (void)state;
    size_t bad = add_file(&a, "a", "data");
    add_trailer(&a);
    memcpy(a.bytes + bad + 54, "FFFFFFFF", 8);
    assert_error(check(&a, NULL), ERR_CPIO_TRUNCATED, bad);
    memcpy(a.bytes + bad + 54, "00000004", 8);
    memcpy(a.bytes + bad + 94, "FFFFFFFF", 8);
    assert_error(check(&a, NULL), ERR_CPIO_TRUNCATED, bad);
}

static void test_position_stays(void **state)
{
    struct archive a = {.size = 0};
    uint64_t position = 0;
    struct cpio_entry e;

    (void)state;
    add_file(&a, "a", "data");
    add_bytes(&a, "garbage!", 8);
    assert_ok(cpio_next(a.bytes, a.size, &position, &e));
    uint64_t before = position;
    for (unsigned i = 0; i < 2; i++) {
        assert_error(cpio_next(a.bytes, a.size, &position, &e), ERR_CPIO_MAGIC, before);
        assert_int_equal(position, before);
    }
}

/* --- hostile archives --- */

static bool is_cpio_error(err_t e)
{
    return e.code[0] >= ERR_CPIO_TRUNCATED && e.code[0] <= ERR_CPIO_NO_TRAILER && e.code[1] == 0;
}

/* Reads all, touching every byte of every name and file; a specific error, or the end. */
static bool read_all(const uint8_t *archive, size_t size)
{
    uint64_t position = 0, touched = HASH_FNV_START;
    size_t steps = 0;

    for (;;) {
        struct cpio_entry e;
        err_t error = cpio_next(archive, size, &position, &e);
        if (!err_ok(error)) {
            assert_true(is_cpio_error(error) && error.detail <= size);
            return false;
        }
        if (!e.name) {
            return true;
        }
        assert_true(++steps <= size / 110);
        assert_int_equal(e.name[e.name_bytes], '\0');
        touched = hash_fnv(touched, e.name, e.name_bytes);
        touched = hash_fnv(touched, e.data, e.bytes);
        assert_true(touched != 0);
    }
}

static void build_sample(struct archive *a)
{
    a->size = 0;
    add_file(a, "boot", "spawn init\n");
    add_raw(a, "bin", 4, CPIO_MODE_FOLDER | 0755, NULL, 0);
    add_file(a, "bin/init", "0123456789");
    add_trailer(a);
    pad(a, 512);
    add_file(a, "./extra", "more");
    add_trailer(a);
    pad(a, 512);
}

static void test_every_byte(void **state)
{
    struct archive a;
    unsigned accepted = 0, refused = 0;

    (void)state;
    build_sample(&a);
    uint8_t *copy = exact_copy(a.bytes, a.size);
    for (size_t at = 0; at < a.size; at++) {
        for (unsigned value = 0; value < 256; value++) {
            copy[at] = (uint8_t)value;
            *(read_all(copy, a.size) ? &accepted : &refused) += 1;
        }
        copy[at] = a.bytes[at];
    }
    assert_true(accepted > 1000 && refused > 1000);
    free(copy);
}

static void test_random(void **state)
{
    uint64_t seed = 0x6370696f;
    struct archive good;
    unsigned accepted = 0;

    (void)state;
    build_sample(&good);
    for (unsigned i = 0; i < 50000; i++) {
        size_t size = random_below(&seed, 3) == 0 ? random_below(&seed, good.size + 1) : good.size;
        uint8_t *copy = exact_copy(good.bytes, size);
        for (uint64_t n = random_below(&seed, 4); n > 0 && size > 0; n--) {
            copy[random_below(&seed, size)] =
                (uint8_t) "0123456789abcdefABCDEF\0\xff."[random_below(&seed, 25)];
        }
        accepted += read_all(copy, size) ? 1 : 0;
        free(copy);
    }
    assert_true(accepted > 1000 && accepted < 49000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("CPIO-READ-001 entries come in order with name, data, mode and offset", test_iterates),
        TEST("CPIO-READ-002 several archives, with and without zeros between, read as one", test_several),
        TEST("CPIO-READ-003 an archive may hold nothing", test_empty_archive),
        TEST("CPIO-READ-004 hexadecimal digits have either case", test_digits),
        TEST("CPIO-FIND-001 a file is found by name, leading / and ./ not counted", test_find),
        TEST("CPIO-FIND-002 of several files of one name the last counts", test_find_last),
        TEST("CPIO-FIND-003 damage anywhere is an error, not a missing file", test_find_reports_damage),
        TEST("CPIO-FIND-004 names compare by what they name", test_names),
        TEST("CPIO-BAD-001 an archive without trailer is refused where it ends", test_no_trailer),
        TEST("CPIO-BAD-002 an archive cut anywhere is refused with the entry that is cut",
             test_truncated_anywhere),
        TEST("CPIO-BAD-003 what is no newc header is refused with its offset", test_magic),
        TEST("CPIO-BAD-004 garbage behind the trailer is refused", test_garbage_behind),
        TEST("CPIO-BAD-005 every digit of every number is checked", test_fields),
        TEST("CPIO-BAD-006 a name has one NUL, at its end, and is not empty", test_bad_names),
        TEST("CPIO-BAD-007 sizes of 4 GiB are refused without overflow", test_sizes),
        TEST("CPIO-BAD-008 after an error the position stays", test_position_stays),
        TEST("CPIO-HOSTILE-001 every value of every byte: a specific error, or read safely", test_every_byte),
        TEST("CPIO-HOSTILE-002 50,000 cut and changed archives are never read beyond their end", test_random),
    };
    return cmocka_run_group_tests_name("cpio", tests, NULL, NULL);
}
