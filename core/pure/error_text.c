/* SPDX-License-Identifier: MIT */
#include <mudskipper/pure/error_text.h>
#include <mudskipper/abi/cap.h>
#include <mudskipper/pure/bytes.h>

static const struct entry {
    uint16_t code;
    const char *name;
    const char *sentence;
} entries[] = {
#define ERROR(name, number, sentence) {(number), #name, sentence},
#include <mudskipper/abi/errors.def>
#undef ERROR
};

static const struct entry *find(uint16_t code)
{
    for (size_t i = 0; i < ARRAY_LENGTH(entries); i++) {
        if (entries[i].code == code) {
            return &entries[i];
        }
    }
    return NULL;
}

const char *err_name(uint16_t code)
{
    const struct entry *e = find(code);
    return e ? e->name : NULL;
}

const char *err_sentence(uint16_t code)
{
    const struct entry *e = find(code);
    return e ? e->sentence : NULL;
}

const char *err_name_at(size_t index, uint16_t *code)
{
    if (index >= ARRAY_LENGTH(entries)) {
        return NULL;
    }
    *code = entries[index].code;
    return entries[index].name;
}

/* Forwards to the caller's sink and counts. */
struct counter {
    format_sink_t sink;
    void *context;
    size_t count;
};

static void count_and_pass(void *context, const char *bytes, size_t count)
{
    struct counter *c = context;

    c->sink(c->context, bytes, count);
    c->count += count;
}

/* `kind` is the letter behind the sentence's '%'. */
static void put_detail(struct counter *out, char kind, uint64_t detail)
{
    switch (kind) {
    case 'd':
        format(count_and_pass, out, "%llu", (unsigned long long)detail);
        break;
    case 'x':
        format(count_and_pass, out, "%llx", (unsigned long long)detail);
        break;
    default:
        format(count_and_pass, out, "%llu.%llu", (unsigned long long)(detail >> CPTR_L2_BITS),
               (unsigned long long)(detail & (CPTR_L2_SLOTS - 1)));
        break;
    }
}

static bool is_detail(const char *at)
{
    return at[0] == '%' && (at[1] == 'd' || at[1] == 'x' || at[1] == 's');
}

/* The detail belongs to the cause only: in a context its place shows a question mark. */
static void put_sentence(struct counter *out, const char *sentence, bool cause, uint64_t detail)
{
    const char *at = sentence;

    while (*at != '\0') {
        const char *start = at;
        while (*at != '\0' && !is_detail(at)) {
            at++;
        }
        if (at > start) {
            count_and_pass(out, start, (size_t)(at - start));
        }
        if (*at == '\0') {
            break;
        }
        if (cause) {
            put_detail(out, at[1], detail);
        } else {
            count_and_pass(out, "?", 1);
        }
        at += 2;
    }
}

static void put_code(struct counter *out, err_t error, unsigned index)
{
    const char *sentence = err_sentence(error.code[index]);

    if (sentence) {
        put_sentence(out, sentence, index == 0, error.detail);
    } else {
        format(count_and_pass, out, "error %u", error.code[index]);
    }
}

size_t err_format(format_sink_t sink, void *context, err_t error)
{
    struct counter out = {sink, context, 0};

    for (unsigned i = ARRAY_LENGTH(error.code) - 1; i > 0; i--) {
        if (error.code[i] != ERR_OK) {
            put_code(&out, error, i);
            count_and_pass(&out, ": ", 2);
        }
    }
    put_code(&out, error, 0);
    return out.count;
}

size_t err_print(char *buffer, size_t size, err_t error)
{
    struct format_buffer b = format_buffer(buffer, size);
    return err_format(format_into, &b, error);
}
