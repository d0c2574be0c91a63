/* SPDX-License-Identifier: MIT */
/* The archive reader: entries lie in the archive, one behind the other, and can be found again by name. */
#include <mudskipper/pure/cpio.h>
#include "fuzz.h"

const struct fuzz_outcome fuzz_outcomes[] = {
    FUZZ_ERROR(OK),        FUZZ_ERROR(CPIO_TRUNCATED), FUZZ_ERROR(CPIO_MAGIC),      FUZZ_ERROR(CPIO_FIELD),
    FUZZ_ERROR(CPIO_NAME), FUZZ_ERROR(CPIO_NOT_FOUND), FUZZ_ERROR(CPIO_NO_TRAILER), {0, NULL},
};

static bool lies_in(const uint8_t *data, size_t size, const void *at, uint64_t bytes)
{
    const uint8_t *p = at;

    return p >= data && p <= data + size && bytes <= (uint64_t)(data + size - p);
}

/* The last regular file of that name is what cpio_find gives. */
static void check_found(const uint8_t *data, size_t size, const struct cpio_entry *e)
{
    struct cpio_entry found;

    FUZZ_MUST(err_ok(cpio_find(data, size, e->name, &found)));
    FUZZ_MUST(found.offset >= e->offset && cpio_same_name(found.name, e->name));
    FUZZ_MUST((found.mode & CPIO_MODE_TYPE) == CPIO_MODE_FILE);
}

static void check_entry(const uint8_t *data, size_t size, const struct cpio_entry *e, uint64_t before)
{
    FUZZ_MUST(e->offset >= before && e->offset % 4 == 0);
    FUZZ_MUST(e->name_bytes > 0 && lies_in(data, size, e->name, e->name_bytes + 1));
    FUZZ_MUST(str_length(e->name) == e->name_bytes);
    FUZZ_MUST(lies_in(data, size, e->data, e->bytes) && (e->bytes == 0 || (e->data - data) % 4 == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cpio_entry e = {.name = NULL};
    struct cpio_entry none = {.name = NULL};
    uint64_t position = 0, count = 0, entries = 0, before = 0;
    err_t whole = cpio_check(data, size, &entries);
    err_t error;

    fuzz_saw_error(whole);
    while (err_ok(error = cpio_next(data, size, &position, &e)) && e.name != NULL) {
        check_entry(data, size, &e, before);
        before = e.offset + 1;
        count++;
        if (err_ok(whole) && count <= 16 && (e.mode & CPIO_MODE_TYPE) == CPIO_MODE_FILE) {
            check_found(data, size, &e);
        }
    }
    FUZZ_MUST(err_pack(error) == err_pack(whole) && error.detail == whole.detail);
    FUZZ_MUST(!err_ok(whole) || count == entries);
    error = cpio_find(data, size, "no such file", &none);
    fuzz_saw_error(error);
    FUZZ_MUST(err_ok(error) == (none.name != NULL));
    return 0;
}
