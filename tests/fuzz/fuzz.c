/* SPDX-License-Identifier: MIT */
/* What targets call, whoever runs them. */
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <mudskipper/pure/error_text.h>
#include "counts.h"

static uint64_t own_counts[FUZZ_OUTCOMES_MAX];
uint64_t *fuzz_counts = own_counts;

void fuzz_found(const char *file, int line, const char *claim)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
    abort();
}

void fuzz_saw(unsigned code)
{
    unsigned i = 0;

    while (fuzz_outcomes[i].name != NULL && fuzz_outcomes[i].code != code) {
        i++;
    }
    if (fuzz_outcomes[i].name == NULL) {
        const char *name = err_name((uint16_t)code);

        fprintf(stderr, "outcome %u (%s) is not in the list\n", code, name != NULL ? name : "no error");
        abort();
    }
    fuzz_counts[i]++;
}

void fuzz_saw_error(err_t e)
{
    char text[200];

    for (unsigned i = 0; i < ARRAY_LENGTH(e.code); i++) {
        FUZZ_MUST(err_sentence(e.code[i]) != NULL);
    }
    FUZZ_MUST(err_print(text, sizeof(text), e) > 0);
    fuzz_saw(e.code[0]);
}

uint8_t fuzz_u8(struct fuzz_bytes *b)
{
    if (b->left == 0) {
        return 0;
    }
    b->left--;
    return *b->at++;
}

uint64_t fuzz_u64(struct fuzz_bytes *b)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 8; i++) {
        value |= (uint64_t)fuzz_u8(b) << (8 * i);
    }
    return value;
}

struct text fuzz_text(struct fuzz_bytes *b, size_t length)
{
    struct text t = {(const char *)b->at, length < b->left ? length : b->left};

    b->at += t.length;
    b->left -= t.length;
    return t;
}
