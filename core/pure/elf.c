/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/elf.h>
#include <mudskipper/pure/bytes.h>
#include "elf_format.h"

/* An address of the image must be one a program can have; so sums of an address and a size below it cannot
 * overflow. */
#define ADDRESS_LIMIT ((uint64_t)1 << 48)

static const struct machine {
    unsigned number;
    uint32_t relative;        /* type of the relocation word := load - base + addend */
    uint32_t entry_alignment; /* of instructions */
} machines[] = {
    {ELF_MACHINE_X86_64, 8, 1},
    {ELF_MACHINE_AARCH64, 1027, 4},
};

/* A program header, decoded. */
struct header {
    uint32_t type;
    uint32_t flags;
    uint64_t offset;
    uint64_t address;
    uint64_t file_bytes;
    uint64_t memory_bytes;
    uint64_t alignment;
};

/* What elf_check knows so far. */
struct check {
    const uint8_t *file;
    uint64_t bytes;
    const struct machine *machine;
    uint64_t headers; /* file offset of the program header table */
    unsigned count;   /* program headers */
    unsigned first;   /* index of the first PT_LOAD */
    unsigned loads;
    unsigned dynamic; /* index of PT_DYNAMIC, or count */
    unsigned relro;   /* index of PT_GNU_RELRO, or count */
    struct elf_image image;
};

/* [offset, offset + size) lies in the file. Two comparisons and no sum: cannot overflow. */
static bool in_file(const struct check *c, uint64_t offset, uint64_t size)
{
    return offset <= c->bytes && size <= c->bytes - offset;
}

static err_t truncated(uint64_t offset, uint64_t size)
{
    uint64_t end;
    return err_make(ERR_ELF_TRUNCATED, __builtin_add_overflow(offset, size, &end) ? UINT64_MAX : end);
}

static struct header header_at(const uint8_t *file, uint64_t headers, unsigned index)
{
    const uint8_t *p = file + headers + (uint64_t)index * ELF_PHDR_BYTES;

    return (struct header){
        .type = mem_get32(p + ELF_P_TYPE),
        .flags = mem_get32(p + ELF_P_FLAGS),
        .offset = mem_get64(p + ELF_P_OFFSET),
        .address = mem_get64(p + ELF_P_VADDR),
        .file_bytes = mem_get64(p + ELF_P_FILESZ),
        .memory_bytes = mem_get64(p + ELF_P_MEMSZ),
        .alignment = mem_get64(p + ELF_P_ALIGN),
    };
}

static struct header header(const struct check *c, unsigned index)
{
    return header_at(c->file, c->headers, index);
}

static uint64_t page_down(uint64_t address)
{
    return address & ~PAGE_MASK;
}

static uint64_t page_up(uint64_t address)
{
    return (address + PAGE_MASK) & ~PAGE_MASK;
}

/* --- the file's header --- */

static err_t check_identification(const struct check *c)
{
    static const uint8_t magic[4] = {0x7f, 'E', 'L', 'F'};

    if (c->bytes >= sizeof(magic) && !mem_equal(c->file, magic, sizeof(magic))) {
        return err_make(ERR_ELF_MAGIC, 0);
    }
    if (c->bytes < ELF_EHDR_BYTES) {
        return truncated(0, ELF_EHDR_BYTES);
    }
    if (c->file[ELF_EI_CLASS] != ELF_CLASS_64 || c->file[ELF_EI_DATA] != ELF_DATA_LITTLE ||
        c->file[ELF_EI_VERSION] != ELF_VERSION_CURRENT) {
        return err_make(ERR_ELF_CLASS, 0);
    }
    if (c->file[ELF_EI_OSABI] != ELF_OSABI_NONE && c->file[ELF_EI_OSABI] != ELF_OSABI_GNU) {
        return err_make(ERR_ELF_HEADER, ELF_EI_OSABI);
    }
    return OK;
}

static err_t check_machine_and_type(struct check *c, unsigned machine)
{
    unsigned found = mem_get16(c->file + ELF_E_MACHINE);
    unsigned type = mem_get16(c->file + ELF_E_TYPE);

    for (unsigned i = 0; i < ARRAY_LENGTH(machines); i++) {
        if (machines[i].number == found && found == machine) {
            c->machine = &machines[i];
        }
    }
    if (!c->machine) {
        return err_make(ERR_ELF_MACHINE, found);
    }
    if (type == ELF_TYPE_EXEC) {
        return err_make(ERR_ELF_EXEC, 0);
    }
    return type == ELF_TYPE_DYN ? OK : err_make(ERR_ELF_TYPE, type);
}

static err_t check_header(struct check *c)
{
    uint64_t headers = mem_get64(c->file + ELF_E_PHOFF);
    unsigned count = mem_get16(c->file + ELF_E_PHNUM);

    if (mem_get32(c->file + ELF_E_VERSION) != ELF_VERSION_CURRENT) {
        return err_make(ERR_ELF_HEADER, ELF_E_VERSION);
    }
    if (mem_get32(c->file + ELF_E_FLAGS) != 0) { /* neither processor defines any */
        return err_make(ERR_ELF_HEADER, ELF_E_FLAGS);
    }
    if (mem_get16(c->file + ELF_E_EHSIZE) != ELF_EHDR_BYTES) {
        return err_make(ERR_ELF_HEADER, ELF_E_EHSIZE);
    }
    if (count == 0) {
        return err_make(ERR_ELF_EMPTY, 0);
    }
    if (count == ELF_PHNUM_ELSEWHERE) {
        return err_make(ERR_ELF_HEADER, ELF_E_PHNUM);
    }
    if (mem_get16(c->file + ELF_E_PHENTSIZE) != ELF_PHDR_BYTES) {
        return err_make(ERR_ELF_HEADER, ELF_E_PHENTSIZE);
    }
    if (headers < ELF_EHDR_BYTES || headers % sizeof(uint64_t) != 0) {
        return err_make(ERR_ELF_HEADER, ELF_E_PHOFF);
    }
    if (!in_file(c, headers, (uint64_t)count * ELF_PHDR_BYTES)) {
        return truncated(headers, (uint64_t)count * ELF_PHDR_BYTES);
    }
    c->headers = headers;
    c->count = count;
    return OK;
}

/* --- program headers --- */

/* Numbers of a loadable segment by themselves. Afterwards address + memory_bytes <= ADDRESS_LIMIT and
 * file_bytes <= memory_bytes. */
static err_t check_load(const struct check *c, const struct header *h, unsigned index)
{
    bool power_of_two = (h->alignment & (h->alignment - 1)) == 0;
    uint64_t misplaced = h->alignment > 1 ? (h->address - h->offset) & (h->alignment - 1) : 0;

    if (h->memory_bytes == 0 || h->memory_bytes > ADDRESS_LIMIT ||
        h->address > ADDRESS_LIMIT - h->memory_bytes) {
        return err_make(ERR_ELF_SEGMENT, index);
    }
    if (h->file_bytes > h->memory_bytes || !power_of_two || h->alignment > ADDRESS_LIMIT || misplaced != 0) {
        return err_make(ERR_ELF_SEGMENT, index);
    }
    if ((h->flags & ELF_PF_W) && (h->flags & ELF_PF_X)) {
        return err_make(ERR_ELF_WRITE_EXECUTE, index);
    }
    if ((h->flags & ~ELF_PF_ALL) || !(h->flags & (ELF_PF_R | ELF_PF_X))) { /* none, or writable alone */
        return err_make(ERR_ELF_SEGMENT, index);
    }
    return in_file(c, h->offset, h->file_bytes) ? OK : truncated(h->offset, h->file_bytes);
}

/* A loadable segment beside the ones before it. */
static err_t add_load(struct check *c, const struct header *h, unsigned index)
{
    err_t e = check_load(c, h, index);

    if (!err_ok(e)) {
        return e;
    }
    if (c->loads == 0) {
        c->first = index;
        c->image.base = page_down(h->address);
        c->image.alignment = PAGE_SIZE;
    } else if (index != c->first + c->loads || page_down(h->address) < c->image.base + c->image.bytes) {
        return err_make(ERR_ELF_OVERLAP, index);
    }
    c->loads++;
    c->image.bytes = page_up(h->address + h->memory_bytes) - c->image.base;
    if (h->alignment > c->image.alignment) {
        c->image.alignment = h->alignment;
    }
    return OK;
}

/* Notes where a header stands that there may be one of. */
static err_t add_single(const struct check *c, unsigned *where, unsigned index)
{
    if (*where != c->count) {
        return err_make(ERR_ELF_SEGMENT, index);
    }
    *where = index;
    return OK;
}

static err_t check_program_header(struct check *c, unsigned index)
{
    struct header h = header(c, index);

    switch (h.type) {
    case ELF_PT_LOAD:
        return add_load(c, &h, index);
    case ELF_PT_DYNAMIC:
        return add_single(c, &c->dynamic, index);
    case ELF_PT_GNU_RELRO:
        return add_single(c, &c->relro, index);
    case ELF_PT_INTERP:
        return err_make(ERR_ELF_INTERPRETER, index);
    case ELF_PT_TLS:
        return err_make(ERR_ELF_TLS, index);
    case ELF_PT_GNU_STACK:
        return (h.flags & ELF_PF_X) ? err_make(ERR_ELF_WRITE_EXECUTE, index) : OK;
    default:
        return OK;
    }
}

static err_t check_program_headers(struct check *c)
{
    c->dynamic = c->relro = c->count;
    for (unsigned i = 0; i < c->count; i++) {
        err_t e = check_program_header(c, i);
        if (!err_ok(e)) {
            return e;
        }
    }
    return c->loads > 0 ? OK : err_make(ERR_ELF_EMPTY, 0);
}

/* --- addresses in segments --- */

/* The last segment that begins at or below `address`, and its number among the loadable ones. Bisection,
 * because a hostile file may have 65,000 segments and many relocations. False when there is none. */
static bool find_segment(const struct check *c, uint64_t address, struct header *h, unsigned *number)
{
    unsigned low = 0;
    unsigned high = c->loads;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (header(c, c->first + middle).address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return false;
    }
    *number = low - 1;
    *h = header(c, c->first + low - 1);
    return true;
}

static bool find_load(const struct check *c, uint64_t address, struct header *h)
{
    unsigned number;
    return find_segment(c, address, h, &number);
}

/* [address, address + size) lies in the bytes that one segment has in the file; *offset is where. */
static bool find_in_file(const struct check *c, uint64_t address, uint64_t size, uint64_t *offset)
{
    struct header h;

    if (!find_load(c, address, &h) || address - h.address > h.file_bytes ||
        size > h.file_bytes - (address - h.address)) {
        return false;
    }
    *offset = h.offset + (address - h.address);
    return true;
}

static err_t check_entry(struct check *c)
{
    uint64_t entry = mem_get64(c->file + ELF_E_ENTRY);
    struct header h;

    if (!find_load(c, entry, &h) || !(h.flags & ELF_PF_X) || entry - h.address >= h.file_bytes ||
        entry % c->machine->entry_alignment != 0) {
        return err_make(ERR_ELF_ENTRY, entry);
    }
    c->image.entry = entry - c->image.base;
    return OK;
}

/* PT_GNU_RELRO covers the beginning of the writable segment that holds .data: whole pages of it, and the
 * segment's last page if it is covered to the segment's end (linkers round the header's size up, beyond the
 * segment). */
static err_t check_relro(struct check *c)
{
    struct header h;
    unsigned number;

    c->image.relro_segment = c->loads;
    if (c->relro == c->count) {
        return OK;
    }
    struct header relro = header(c, c->relro);
    if (relro.memory_bytes > ADDRESS_LIMIT || relro.address > ADDRESS_LIMIT - relro.memory_bytes ||
        !find_segment(c, relro.address, &h, &number) || !(h.flags & ELF_PF_W) ||
        page_down(relro.address) != page_down(h.address) || relro.address - h.address >= h.memory_bytes) {
        return err_make(ERR_ELF_SEGMENT, c->relro);
    }
    uint64_t segment_end = h.address + h.memory_bytes;
    uint64_t relro_end = relro.address + relro.memory_bytes;
    uint64_t end = relro_end >= segment_end ? page_up(segment_end) : page_down(relro_end);
    if (end > page_down(h.address)) {
        c->image.relro_segment = number;
        c->image.relro_bytes = end - page_down(h.address);
        c->image.parts += end < page_up(segment_end) ? 1 : 0;
    }
    return OK;
}

/* --- dynamic section and relocations --- */

struct dynamic {
    uint64_t rela;      /* address */
    uint64_t rela_size; /* bytes */
    bool has_rela, has_size, has_entry_size;
};

static bool set_once(bool *has, uint64_t *to, uint64_t value)
{
    bool first = !*has;

    *has = true;
    *to = value;
    return first;
}

/* Takes one entry in. What only a dynamic linker could honour is refused; what a static program finds by
 * itself (DT_INIT_ARRAY, DT_SYMTAB, DT_DEBUG ...) is none of the loader's business. */
static err_t add_dynamic(struct dynamic *d, uint64_t tag, uint64_t value, uint64_t index)
{
    uint64_t entry_size;
    bool good = true;

    switch (tag) {
    case ELF_DT_NEEDED:
        return err_make(ERR_ELF_INTERPRETER, index);
    case ELF_DT_RELA:
        good = set_once(&d->has_rela, &d->rela, value);
        break;
    case ELF_DT_RELASZ:
        good = set_once(&d->has_size, &d->rela_size, value) && value % ELF_RELA_BYTES == 0;
        break;
    case ELF_DT_RELAENT:
        good = set_once(&d->has_entry_size, &entry_size, value) && value == ELF_RELA_BYTES;
        break;
    case ELF_DT_PLTRELSZ:
    case ELF_DT_RELSZ:
    case ELF_DT_RELRSZ:
        good = value == 0;
        break;
    default:
        break;
    }
    return good ? OK : err_make(ERR_ELF_DYNAMIC, index);
}

/* Reads the entries up to DT_NULL, which must be there; *last is its index. */
static err_t read_dynamic(const struct check *c, const struct header *h, struct dynamic *d, uint64_t *last)
{
    uint64_t count = h->file_bytes / ELF_DYN_BYTES;

    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *p = c->file + h->offset + i * ELF_DYN_BYTES;
        uint64_t tag = mem_get64(p);
        *last = i;
        if (tag == ELF_DT_NULL) {
            return OK;
        }
        err_t e = add_dynamic(d, tag, mem_get64(p + 8), i);
        if (!err_ok(e)) {
            return e;
        }
    }
    return err_make(ERR_ELF_DYNAMIC, count);
}

static err_t check_relocation(const struct check *c, uint64_t at)
{
    uint64_t address = mem_get64(c->file + at + ELF_R_OFFSET);
    uint64_t info = mem_get64(c->file + at + ELF_R_INFO);
    struct header h;

    if (info != c->machine->relative /* symbol 0 */ || address % sizeof(uint64_t) != 0 ||
        !find_load(c, address, &h) || !(h.flags & ELF_PF_W) || h.memory_bytes < sizeof(uint64_t) ||
        address - h.address > h.memory_bytes - sizeof(uint64_t)) {
        return err_make(ERR_ELF_RELOCATION, at);
    }
    return OK;
}

static err_t check_relocations(struct check *c, const struct dynamic *d, uint64_t last)
{
    uint64_t table;

    if (!d->has_rela && !d->has_size) {
        return OK;
    }
    if (!d->has_rela || !d->has_size || !d->has_entry_size ||
        !find_in_file(c, d->rela, d->rela_size, &table)) {
        return err_make(ERR_ELF_DYNAMIC, last);
    }
    c->image.rela = table;
    c->image.relas = d->rela_size / ELF_RELA_BYTES;
    for (uint64_t i = 0; i < c->image.relas; i++) {
        err_t e = check_relocation(c, table + i * ELF_RELA_BYTES);
        if (!err_ok(e)) {
            return e;
        }
    }
    return OK;
}

static err_t check_dynamic(struct check *c)
{
    struct dynamic d = {0};
    uint64_t last = 0;
    uint64_t offset;

    if (c->dynamic == c->count) {
        return OK;
    }
    struct header h = header(c, c->dynamic);
    if (!in_file(c, h.offset, h.file_bytes)) {
        return truncated(h.offset, h.file_bytes);
    }
    if (!find_in_file(c, h.address, h.file_bytes, &offset) || offset != h.offset) {
        return err_make(ERR_ELF_SEGMENT, c->dynamic);
    }
    err_t e = read_dynamic(c, &h, &d, &last);
    return err_ok(e) ? check_relocations(c, &d, last) : e;
}

err_t elf_check(const void *file, uint64_t bytes, unsigned machine, struct elf_image *image)
{
    struct check c = {.file = file, .bytes = bytes};
    err_t e = check_identification(&c);

    e = err_ok(e) ? check_machine_and_type(&c, machine) : e;
    e = err_ok(e) ? check_header(&c) : e;
    e = err_ok(e) ? check_program_headers(&c) : e;
    e = err_ok(e) ? check_entry(&c) : e;
    e = err_ok(e) ? check_relro(&c) : e;
    e = err_ok(e) ? check_dynamic(&c) : e;
    if (!err_ok(e)) {
        return e;
    }
    *image = c.image;
    image->file = file;
    image->loads = c.headers + (uint64_t)c.first * ELF_PHDR_BYTES;
    image->segments = c.loads;
    image->parts += c.loads;
    return OK;
}
