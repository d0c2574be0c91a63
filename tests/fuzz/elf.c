/* SPDX-License-Identifier: MIT */
/* The ELF reader: what it accepts lies inside the file, inside the image, and is never writable and
 * executable. */
#include <mudskipper/pure/elf.h>
#include "fuzz.h"

#define MACHINE_AT 18u /* e_machine in the file's header */
#define LOAD       ((vaddr_t)0x400000000000)

const struct fuzz_outcome fuzz_outcomes[] = {
    FUZZ_ERROR(OK),          FUZZ_ERROR(ELF_TRUNCATED),
    FUZZ_ERROR(ELF_MAGIC),   FUZZ_ERROR(ELF_CLASS),
    FUZZ_ERROR(ELF_MACHINE), FUZZ_ERROR(ELF_EXEC),
    FUZZ_ERROR(ELF_TYPE),    FUZZ_ERROR(ELF_HEADER),
    FUZZ_ERROR(ELF_SEGMENT), FUZZ_ERROR(ELF_OVERLAP),
    FUZZ_ERROR(ELF_ENTRY),   FUZZ_ERROR(ELF_WRITE_EXECUTE),
    FUZZ_ERROR(ELF_TLS),     FUZZ_ERROR(ELF_INTERPRETER),
    FUZZ_ERROR(ELF_DYNAMIC), FUZZ_ERROR(ELF_RELOCATION),
    FUZZ_ERROR(ELF_EMPTY),   {0, NULL},
};

/* The part that an offset of the image is in; NULL: none. */
static const struct elf_part *find_part(const struct elf_part *parts, unsigned count, uint64_t offset)
{
    for (unsigned i = 0; i < count; i++) {
        if (offset >= parts[i].offset && offset - parts[i].offset < parts[i].bytes) {
            return &parts[i];
        }
    }
    return NULL;
}

static void check_part(const struct elf_image *image, const struct elf_part *p, uint64_t before,
                       const uint8_t *file, size_t size)
{
    FUZZ_MUST(p->bytes > 0 && p->bytes % PAGE_SIZE == 0 && p->offset % PAGE_SIZE == 0);
    FUZZ_MUST(p->offset >= before && p->bytes <= image->bytes && p->offset <= image->bytes - p->bytes);
    FUZZ_MUST(p->rights != 0 && (p->rights & ~7u) == 0);
    FUZZ_MUST(!((p->rights & CAP_WRITE) && (p->rights & CAP_EXECUTE)));
    if (p->data_bytes > 0) {
        FUZZ_MUST(p->data >= file && p->data_bytes <= size && p->data <= file + (size - p->data_bytes));
        FUZZ_MUST(p->data_offset >= p->offset && p->data_bytes <= p->offset + p->bytes - p->data_offset);
    }
}

struct relocation {
    const struct elf_image *image;
    uint64_t count;
};

static void write_word(void *context, uint64_t offset, uint64_t value)
{
    struct relocation *r = context;

    (void)value;
    FUZZ_MUST(offset % 8 == 0 && r->image->bytes >= 8 && offset <= r->image->bytes - 8);
    r->count++;
}

static void check_image(const struct elf_image *image, const uint8_t *file, size_t size)
{
    static struct elf_part parts[65536];
    struct relocation r = {image, 0};
    uint64_t before = 0;

    FUZZ_MUST(image->bytes > 0 && image->bytes % PAGE_SIZE == 0 && image->base % PAGE_SIZE == 0);
    FUZZ_MUST(image->base + image->bytes <= (uint64_t)1 << 48);
    FUZZ_MUST(image->alignment >= PAGE_SIZE && (image->alignment & (image->alignment - 1)) == 0);
    FUZZ_MUST(image->parts > 0 && image->parts <= ARRAY_LENGTH(parts));
    for (unsigned i = 0; i < image->parts; i++) {
        parts[i] = elf_part(image, i);
        check_part(image, &parts[i], before, file, size);
        before = parts[i].offset + parts[i].bytes;
    }
    FUZZ_MUST(before == image->bytes);
    const struct elf_part *entry = find_part(parts, image->parts, image->entry);
    FUZZ_MUST(entry != NULL && (entry->rights & CAP_EXECUTE));
    elf_relocate(image, LOAD, write_word, &r);
    FUZZ_MUST(r.count == image->relas);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool x86 = size > MACHINE_AT && data[MACHINE_AT] == ELF_MACHINE_X86_64;
    struct elf_image image;
    struct elf_image untouched;
    err_t e;

    mem_set(&image, 0x5a, sizeof(image));
    untouched = image;
    e = elf_check(data, size, x86 ? ELF_MACHINE_X86_64 : ELF_MACHINE_AARCH64, &image);
    fuzz_saw_error(e);
    if (err_ok(e)) {
        check_image(&image, data, size);
    } else {
        FUZZ_MUST(mem_equal(&image, &untouched, sizeof(image)));
    }
    return 0;
}
