/* SPDX-License-Identifier: MIT */
/* What came of all calls: for each operation, how often which error. What may come stands in errors.def. */
#include <mudskipper/pure/bytes.h>
#include <mudskipper/pure/error_text.h>
#include <mudskipper/rt/out.h>
#include "sequence.h"

#define CODES 352u /* numbers of errors.def are below */

static uint32_t counts[OPERATIONS][CODES];
static uint32_t ended_caller[OPERATIONS];

void report_result(enum operation op, unsigned error)
{
    counts[op][error < CODES ? error : CODES - 1]++;
}

void report_ended_caller(enum operation op)
{
    ended_caller[op]++;
}

/* ---- for people ---- */

struct line {
    char text[100];
    size_t used;
};

static void flush(struct line *l)
{
    rt_print("#   %s\n", l->text);
    l->used = 0;
}

static void add(struct line *l, const char *name, uint32_t count)
{
    char item[64];
    size_t length = format_to(item, sizeof(item), "%s%s %u", l->used > 0 ? ", " : "", name, count);

    if (l->used + length >= sizeof(l->text)) {
        flush(l);
        length = format_to(item, sizeof(item), "%s %u", name, count);
    }
    l->used += str_copy(l->text + l->used, sizeof(l->text) - l->used, item);
}

static void print_operation(enum operation op)
{
    struct line l = {.used = 0};

    rt_print("# %s\n", operation_names[op]);
    for (unsigned code = 0; code < CODES; code++) {
        if (counts[op][code] > 0) {
            const char *name = err_name((uint16_t)code);

            add(&l, name != NULL ? name : "an error that is not in the list", counts[op][code]);
        }
    }
    if (ended_caller[op] > 0) {
        add(&l, "ended its caller", ended_caller[op]);
    }
    if (l.used > 0) {
        flush(&l);
    }
}

void report_print(void)
{
    for (unsigned op = 0; op < OPERATIONS; op++) {
        print_operation((enum operation)op);
    }
}

/* ---- what must have come ---- */

/* NULL: it may not be, or nobody says why it cannot. */
static const char *never_because(enum operation op, const char *error)
{
    static const struct {
        enum operation op;
        const char *error;
        const char *because;
    } nevers[] = {
#define MAY(op, errors)
#define RARE(op, errors)
#define NEVER(op, error, because) {OP_##op, #error, because},
#include "errors.def"
#undef MAY
#undef RARE
#undef NEVER
    };

    for (unsigned i = 0; i < ARRAY_LENGTH(nevers); i++) {
        if (nevers[i].op == op && str_equal(nevers[i].error, error)) {
            return nevers[i].because;
        }
    }
    return NULL;
}

static const char *const may[OPERATIONS] = {
#define MAY(op, errors) [OP_##op] = (errors),
#define RARE(op, errors)
#define NEVER(op, error, because)
#include "errors.def"
#undef MAY
#undef RARE
};

static const char *const rare[OPERATIONS] = {
#define MAY(op, errors)
#define RARE(op, errors) [OP_##op] = (errors),
#include "errors.def"
#undef MAY
#undef RARE
#undef NEVER
};

/* Is the name one of the words? */
static bool is_listed(const char *words, const char *name)
{
    size_t length = str_length(name);

    while (words != NULL && *words != '\0') {
        const char *end = str_find(words, ' ');

        end = end != NULL ? end : words + str_length(words);
        if ((size_t)(end - words) == length && mem_equal(words, name, length)) {
            return true;
        }
        words = *end == ' ' ? end + 1 : end;
    }
    return false;
}

/* Something half-deleted is met by whoever names a slot, where a step of the kernel ended in between: which
 * operation that is depends on the machine. */
static bool depends_on_time(const char *name)
{
    return str_equal(name, "CAP_IN_DELETION");
}

static bool check_error(enum operation op, const char *name, uint32_t count, bool all)
{
    const char *why = never_because(op, name);
    bool usual = is_listed(may[op], name);

    bool known = usual || is_listed(rare[op], name) || depends_on_time(name);

    if (count > 0 && (!known || why != NULL)) {
        rt_print("# %s returned %s, which %s\n", operation_names[op], name,
                 why != NULL ? "was said never to come" : "is not in its list");
        return false;
    }
    if (count == 0 && all && usual) {
        rt_print("# %s never returned %s\n", operation_names[op], name);
        return false;
    }
    return true;
}

bool report_errors_are_those_listed(bool all)
{
    bool good = true;

    for (unsigned op = 0; op < OPERATIONS; op++) {
        uint16_t code;
        const char *name;

        for (size_t i = 1; (name = err_name_at(i, &code)) != NULL; i++) {
            good = check_error((enum operation)op, name, counts[op][code], all) && good;
        }
        good = counts[op][CODES - 1] == 0 && good;
    }
    return good;
}

static uint32_t refused(unsigned op)
{
    uint32_t sum = 0;

    for (unsigned code = 1; code < CODES; code++) {
        sum += counts[op][code];
    }
    return sum;
}

/* "OK" and "REFUSED" in place of an error: what cannot be so. */
bool report_each_succeeded_and_was_refused(void)
{
    bool good = true;

    for (unsigned op = 0; op < OP_NONE; op++) {
        bool may_succeed = never_because((enum operation)op, "OK") == NULL;
        bool may_be_refused = never_because((enum operation)op, "REFUSED") == NULL;

        if ((counts[op][ERR_OK] + ended_caller[op] > 0) != may_succeed ||
            (refused(op) > 0) != may_be_refused) {
            rt_print("# %s: %u succeeded, %u were refused\n", operation_names[op], counts[op][ERR_OK],
                     refused(op));
            good = false;
        }
    }
    return good;
}
