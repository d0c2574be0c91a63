/* SPDX-License-Identifier: MIT */
/* What a fuzz target is: a file with LLVMFuzzerTestOneInput, run by libFuzzer or by driver.c, which runs a
 * corpus and a fixed number of mutations of each of its files. It says what must hold of whatever comes
 * (FUZZ_MUST), and what came of each input (fuzz_saw): the driver wants every outcome in the list to be shown
 * by a file of the corpus, so that neither the corpus nor the list grows stale. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/bytes.h>

/* The input lies in a block of exactly its size; it is not kept. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A claim about what just happened. When it does not hold, this input has found something. */
#define FUZZ_MUST(claim)                                                                                     \
    do {                                                                                                     \
        if (!(claim)) {                                                                                      \
            fuzz_found(__FILE__, __LINE__, #claim);                                                          \
        }                                                                                                    \
    } while (0)

_Noreturn void fuzz_found(const char *file, int line, const char *claim);

/* What can come of an input; the list ends with a name that is NULL. */
struct fuzz_outcome {
    unsigned code;
    const char *name;
};

#define FUZZ_ERROR(name)                                                                                     \
    {                                                                                                        \
        ERR_##name, #name                                                                                    \
    }

extern const struct fuzz_outcome fuzz_outcomes[];

/* Counts it. One that is not in the list is a find: an error that this function may not return. */
void fuzz_saw(unsigned code);

/* Counts the cause of an error, or success, and looks whether it can be said in words. */
void fuzz_saw_error(err_t e);

/* Numbers and texts from an input, for targets that make operations of it. At its end: zeros and "". */
struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
};

uint8_t fuzz_u8(struct fuzz_bytes *b);
uint64_t fuzz_u64(struct fuzz_bytes *b);
struct text fuzz_text(struct fuzz_bytes *b, size_t length);

#endif
