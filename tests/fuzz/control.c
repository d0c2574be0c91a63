/* SPDX-License-Identifier: MIT */
/* The driver's positive control: a reader of records, each a length and so many bytes, that is wrong by one.
 * No file of the corpus shows it; a mutation of each does, or the driver is no good. */
#include "fuzz.h"

const struct fuzz_outcome fuzz_outcomes[] = {{0, "whole"}, {1, "cut off"}, {0, NULL}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at = 0;

    while (at < size) {
        size_t length = data[at++];

        if (length > size - at + 1) { /* the bug: + 1 */
            fuzz_saw(1);
            return 0;
        }
        at += length;
    }
    FUZZ_MUST(at == size);
    fuzz_saw(0);
    return 0;
}
