/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/cpio.h>
#include <mudskipper/pure/bytes.h>

#define MAGIC        "070701"
#define MAGIC_BYTES  6u
#define DIGITS       8u
#define HEADER_BYTES 110u
#define TRAILER      "TRAILER!!!"
#define ALIGNMENT    4u
#define END          UINT64_MAX /* a position: the last archive's trailer was read */

enum field {
    INO,
    MODE,
    UID,
    GID,
    NLINK,
    MTIME,
    FILESIZE,
    DEVMAJOR,
    DEVMINOR,
    RDEVMAJOR,
    RDEVMINOR,
    NAMESIZE,
    CHECK
};

CLAIM(a_header_is_its_magic_and_13_numbers, HEADER_BYTES == MAGIC_BYTES + (CHECK + 1) * DIGITS);

/* Positions stay below size + 2 * 2^32 + 8, and size is a real object's: sums below cannot overflow 64 bits.
 */
static uint64_t align_up(uint64_t position)
{
    return (position + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
}

/* All 13 numbers of the header at `offset`; the archive has that many bytes. */
static err_t read_numbers(const uint8_t *archive, uint64_t offset, uint32_t numbers[CHECK + 1])
{
    for (unsigned field = INO; field <= CHECK; field++) {
        uint64_t start = offset + MAGIC_BYTES + field * DIGITS;
        uint32_t value = 0;
        for (unsigned i = 0; i < DIGITS; i++) {
            unsigned digit = digit_value((char)archive[start + i]);
            if (digit > 15) {
                return err_make(ERR_CPIO_FIELD, start);
            }
            value = value << 4 | digit;
        }
        numbers[field] = value;
    }
    return OK;
}

/* A name of `bytes` with its NUL, which must be the only one, and not first. */
static bool name_is_good(const char *name, uint64_t bytes)
{
    return bytes >= 2 && str_length_max(name, bytes) == bytes - 1;
}

/* The entry whose header must stand at `offset`; *end is where the next one can be. */
static err_t read_entry(const uint8_t *archive, uint64_t size, uint64_t offset, struct cpio_entry *entry,
                        uint64_t *end)
{
    uint32_t numbers[CHECK + 1];

    if (offset >= size) {
        return err_make(ERR_CPIO_NO_TRAILER, size);
    }
    uint64_t left = size - offset;
    if (!mem_equal(archive + offset, MAGIC, left < MAGIC_BYTES ? left : MAGIC_BYTES)) {
        return err_make(ERR_CPIO_MAGIC, offset);
    }
    if (left < HEADER_BYTES) {
        return err_make(ERR_CPIO_TRUNCATED, offset);
    }
    err_t e = read_numbers(archive, offset, numbers);
    if (!err_ok(e)) {
        return e;
    }

    uint64_t name = offset + HEADER_BYTES;
    uint64_t data = align_up(name + numbers[NAMESIZE]);
    uint64_t data_end = data + numbers[FILESIZE];
    if (name + numbers[NAMESIZE] > size || (numbers[FILESIZE] > 0 && data_end > size)) {
        return err_make(ERR_CPIO_TRUNCATED, offset);
    }
    if (!name_is_good((const char *)archive + name, numbers[NAMESIZE])) {
        return err_make(ERR_CPIO_NAME, offset);
    }
    *entry = (struct cpio_entry){
        .name = (const char *)archive + name,
        .name_bytes = numbers[NAMESIZE] - 1,
        .data = archive + (data < size ? data : size),
        .bytes = numbers[FILESIZE],
        .offset = offset,
        .mode = numbers[MODE],
        .mtime = numbers[MTIME],
    };
    *end = align_up(data_end);
    return OK;
}

/* Behind a trailer: the next byte that is not zero, rounded down to where a header can be, or END. */
static uint64_t skip_zeros(const uint8_t *archive, uint64_t size, uint64_t position)
{
    while (position < size && archive[position] == 0) {
        position++;
    }
    return position < size ? position & ~(uint64_t)(ALIGNMENT - 1) : END;
}

err_t cpio_next(const void *archive, uint64_t size, uint64_t *position, struct cpio_entry *entry)
{
    uint64_t offset = *position;
    uint64_t end = 0;
    struct cpio_entry found;

    while (offset != END) {
        err_t e = read_entry(archive, size, offset, &found, &end);
        if (!err_ok(e)) {
            return e;
        }
        if (!str_equal(found.name, TRAILER)) {
            *entry = found;
            *position = end;
            return OK;
        }
        offset = skip_zeros(archive, size, end);
    }
    *entry = (struct cpio_entry){.name = NULL, .offset = size};
    *position = END;
    return OK;
}

const char *cpio_plain_name(const char *name)
{
    for (;;) {
        if (name[0] == '/') {
            name++;
        } else if (name[0] == '.' && name[1] == '/') {
            name += 2;
        } else {
            return name;
        }
    }
}

bool cpio_same_name(const char *a, const char *b)
{
    return str_equal(cpio_plain_name(a), cpio_plain_name(b));
}

err_t cpio_find(const void *archive, uint64_t size, const char *name, struct cpio_entry *entry)
{
    uint64_t position = 0;
    struct cpio_entry last = {.name = NULL};
    struct cpio_entry e;

    do {
        err_t error = cpio_next(archive, size, &position, &e);
        if (!err_ok(error)) {
            return error;
        }
        if (e.name && (e.mode & CPIO_MODE_TYPE) == CPIO_MODE_FILE && cpio_same_name(e.name, name)) {
            last = e;
        }
    } while (e.name);

    if (!last.name) {
        return err_make(ERR_CPIO_NOT_FOUND, 0);
    }
    *entry = last;
    return OK;
}

err_t cpio_check(const void *archive, uint64_t size, uint64_t *entries)
{
    uint64_t position = 0;
    uint64_t count = 0;
    struct cpio_entry e;

    for (;;) {
        err_t error = cpio_next(archive, size, &position, &e);
        if (!err_ok(error)) {
            return error;
        }
        if (!e.name) {
            break;
        }
        count++;
    }
    if (entries) {
        *entries = count;
    }
    return OK;
}
