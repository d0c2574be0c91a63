/* SPDX-License-Identifier: MIT */
#include "processor.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KERNEL      (UINT64_C(1) << 63)
#define VECTOR_MASK UINT64_C(0x7ff) /* the vector table has 16 entries of 128 bytes */
#define VECTOR_STEP UINT64_C(0x7f)

enum masks {
    BOOT,        /* not yet looked at */
    OPEN,        /* a program, or on the way to one */
    OPEN_KERNEL, /* the kernel has opened them */
    MASKED,
};

struct sample {
    uint64_t all;
    uint64_t kernel;
};

/* A growing array. */
struct list {
    void *items;
    size_t count;
    size_t room;
};

struct processor {
    uint64_t all; /* instructions */
    uint64_t kernel;
    bool between; /* markers */
    struct sample begin;
    enum masks masks;
    uint64_t vectors; /* address of the vector table, once seen; 0 before */
    uint64_t stretch; /* its number, from 1 */
    uint64_t length;
    struct list path; /* struct block *, in the order in which the stretch first came to them */
    struct block *last;
};

/* A block and how often it ran in the longest stretch. */
struct step {
    const struct block *block;
    uint64_t count;
};

static struct longest {
    uint64_t length;
    unsigned processor;
    struct list path; /* struct step */
    const struct block *last;
} longest;

static struct processor *processors;
static unsigned processor_count;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* over `longest`, `samples`, `figure`, `unseen` */
static struct list samples;                               /* struct figure_sample */
static uint64_t figure;
static uint64_t unseen;

struct figure_sample {
    uint64_t figure;
    unsigned processor;
    struct sample insns;
};

static void *add(struct list *list, size_t bytes)
{
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->items = realloc(list->items, list->room * bytes);
        if (list->items == NULL) {
            fprintf(stderr, "msk plugin: this host has no memory left for counting\n");
            abort();
        }
    }
    return (char *)list->items + bytes * list->count++;
}

void processor_setup(unsigned count)
{
    processors = calloc(count, sizeof(*processors));
    processor_count = count;
    if (processors == NULL) {
        abort();
    }
}

/* ---- stretches with interrupts off */

/* For whoever reads what the machine prints: the record stands between the lines that say what it was doing.
 */
static void tell(uint64_t length)
{
    char text[64];
    int bytes = snprintf(text, sizeof(text), "\x1eirqs-off %" PRIu64 "\x1f", length);

    (void)!write(STDOUT_FILENO, text, (size_t)bytes);
}

static void keep_longest(struct processor *p)
{
    struct block **path = p->path.items;
    unsigned number = (unsigned)(p - processors);

    longest.length = p->length;
    longest.processor = number;
    longest.path.count = 0;
    longest.last = p->last;
    for (size_t i = 0; i < p->path.count; i++) {
        struct step *s = add(&longest.path, sizeof(*s));

        *s = (struct step){path[i], path[i]->runs[number].in_stretch};
    }
    tell(p->length);
}

static void stretch_begin(struct processor *p)
{
    p->masks = MASKED;
    p->stretch++;
    p->length = 0;
    p->path.count = 0;
}

static void stretch_end(struct processor *p)
{
    if (p->masks != MASKED || p->length <= longest.length) {
        return;
    }
    pthread_mutex_lock(&mutex);
    if (p->length > longest.length) {
        keep_longest(p);
    }
    pthread_mutex_unlock(&mutex);
}

static bool is_entry(const struct processor *p, const struct block *b)
{
    if (!(b->address & KERNEL)) {
        return false;
    }
    return p->masks == OPEN || (p->masks == OPEN_KERNEL && (b->address & ~VECTOR_MASK) == p->vectors &&
                                (b->address & VECTOR_STEP) == 0);
}

static void stretch_before(struct processor *p, const struct block *b)
{
    if (is_entry(p, b)) {
        if (p->masks == OPEN) {
            p->vectors = b->address & ~VECTOR_MASK;
        }
        stretch_begin(p);
    }
}

static void stretch_count(struct processor *p, struct block *b)
{
    struct block_run *run = &b->runs[p - processors];

    if (p->masks != MASKED) {
        return;
    }
    p->length += b->insns;
    p->last = b;
    if (run->stretch != p->stretch) {
        *run = (struct block_run){run->count, p->stretch, 0};
        *(struct block **)add(&p->path, sizeof(b)) = b;
    }
    run->in_stretch++;
}

static void stretch_after(struct processor *p, const struct block *b)
{
    if (!(b->address & KERNEL)) {
        return;
    }
    switch (b->kind) {
    case KIND_ERET:
        stretch_end(p);
        p->masks = OPEN;
        break;
    case KIND_OPEN:
        stretch_end(p);
        p->masks = p->masks == BOOT ? BOOT : OPEN_KERNEL;
        break;
    case KIND_WAIT:
        stretch_end(p);
        stretch_begin(p);
        break;
    case KIND_TAKE:
    case KIND_MASK:
        if (p->masks != BOOT) {
            stretch_end(p);
            stretch_begin(p);
        }
        break;
    default:
        break;
    }
}

/* ---- markers */

static void keep_sample(const struct processor *p)
{
    struct figure_sample *s;

    pthread_mutex_lock(&mutex);
    s = add(&samples, sizeof(*s));
    *s = (struct figure_sample){
        figure, (unsigned)(p - processors), {p->all - p->begin.all, p->kernel - p->begin.kernel}};
    pthread_mutex_unlock(&mutex);
}

/* The markers themselves are not counted: the end is looked at before it is, the beginning after. */
static void mark_before(struct processor *p, const struct block *b)
{
    if (b->kind == KIND_MARK_END && p->between) {
        keep_sample(p);
        p->between = false;
    }
}

static void mark_after(struct processor *p, const struct block *b)
{
    if (b->kind == KIND_MARK_BEGIN) {
        p->between = true;
        p->begin = (struct sample){p->all, p->kernel};
    } else if (b->kind == KIND_MARK_NEXT) {
        pthread_mutex_lock(&mutex);
        figure++;
        pthread_mutex_unlock(&mutex);
    } else if (b->kind == KIND_MASK_UNSEEN) {
        pthread_mutex_lock(&mutex);
        unseen++;
        pthread_mutex_unlock(&mutex);
    }
}

void processor_run(unsigned number, void *data)
{
    struct processor *p = &processors[number];
    struct block *b = data;

    b->runs[number].count++;
    if (kind_is_special(b->kind)) {
        mark_before(p, b);
    }
    stretch_before(p, b);
    p->all += b->insns;
    p->kernel += b->address & KERNEL ? b->insns : 0;
    stretch_count(p, b);
    if (kind_is_special(b->kind)) {
        stretch_after(p, b);
        mark_after(p, b);
    }
}

/* ---- report */

static void report_samples(FILE *out)
{
    const struct figure_sample *s = samples.items;

    for (size_t i = 0; i < samples.count; i++) {
        fprintf(out, "sample %" PRIu64 " %u %" PRIu64 " %" PRIu64 "\n", s[i].figure, s[i].processor,
                s[i].insns.all, s[i].insns.kernel);
    }
}

static void report_longest(FILE *out)
{
    const struct step *path = longest.path.items;

    fprintf(out, "unseen %" PRIu64 "\n", unseen);
    if (longest.length == 0) {
        return;
    }
    fprintf(out, "longest %" PRIu64 " %u %" PRIx64 " %" PRIx64 "\n", longest.length, longest.processor,
            path[0].block->address, longest.last->address);
    for (size_t i = 0; i < longest.path.count; i++) {
        fprintf(out, "step %" PRIx64 " %" PRIu32 " %" PRIu64 "\n", path[i].block->address,
                path[i].block->insns, path[i].count);
    }
}

void processor_report(FILE *out)
{
    for (unsigned i = 0; i < processor_count; i++) {
        fprintf(out, "processor %u %" PRIu64 " %" PRIu64 "\n", i, processors[i].all, processors[i].kernel);
    }
    report_samples(out);
    report_longest(out);
}
