/* SPDX-License-Identifier: MIT */
/* What a loader does with an image that elf_check accepted: nothing here decides, nothing can fail. */
#include <mudskipper/pure/elf.h>
#include <mudskipper/pure/bytes.h>
#include "elf_format.h"

static unsigned rights_of(uint32_t flags)
{
    return ((flags & ELF_PF_R) ? CAP_READ : 0u) | ((flags & ELF_PF_W) ? CAP_WRITE : 0u) |
           ((flags & ELF_PF_X) ? CAP_EXECUTE : 0u);
}

/* A whole segment as one part. */
static struct elf_part segment_part(const struct elf_image *image, unsigned segment)
{
    const uint8_t *h = image->file + image->loads + (uint64_t)segment * ELF_PHDR_BYTES;
    uint64_t data = mem_get64(h + ELF_P_VADDR) - image->base;
    uint64_t start = data & ~PAGE_MASK;
    uint64_t end = (data + mem_get64(h + ELF_P_MEMSZ) + PAGE_MASK) & ~PAGE_MASK;

    return (struct elf_part){
        .offset = start,
        .bytes = end - start,
        .rights = rights_of(mem_get32(h + ELF_P_FLAGS)),
        .data_offset = data,
        .data_bytes = mem_get64(h + ELF_P_FILESZ),
        .data = image->file + mem_get64(h + ELF_P_OFFSET),
    };
}

/* The first `bytes` of a part, whole pages, at least one. */
static struct elf_part first_of(struct elf_part part, uint64_t bytes)
{
    uint64_t room = bytes - (part.data_offset - part.offset);

    part.bytes = bytes;
    part.data_bytes = part.data_bytes < room ? part.data_bytes : room;
    return part;
}

/* What is left of it. */
static struct elf_part rest_of(struct elf_part part, uint64_t bytes)
{
    uint64_t used = first_of(part, bytes).data_bytes;

    part.offset += bytes;
    part.bytes -= bytes;
    part.data_offset = part.offset;
    part.data += used;
    part.data_bytes -= used;
    return part;
}

struct elf_part elf_part(const struct elf_image *image, unsigned index)
{
    unsigned segment = index <= image->relro_segment ? index : index - (image->parts - image->segments);
    struct elf_part part = segment_part(image, segment);

    if (segment != image->relro_segment) {
        return part;
    }
    if (index != segment) {
        return rest_of(part, image->relro_bytes);
    }
    part = first_of(part, image->relro_bytes);
    part.rights &= ~(unsigned)CAP_WRITE;
    return part;
}

void elf_relocate(const struct elf_image *image, vaddr_t load,
                  void (*write64)(void *context, uint64_t offset, uint64_t value), void *context)
{
    for (uint64_t i = 0; i < image->relas; i++) {
        const uint8_t *r = image->file + image->rela + i * ELF_RELA_BYTES;
        uint64_t offset = mem_get64(r + ELF_R_OFFSET) - image->base;
        write64(context, offset, load - image->base + mem_get64(r + ELF_R_ADDEND));
    }
}
