/* SPDX-License-Identifier: MIT */
/* A manifest in the boot archive: a statement of the boot file's kind for each test program. */
#ifndef TESTD_MANIFEST_H
#define TESTD_MANIFEST_H

#include <mudskipper/pure/boot_file.h>

struct rpc_channel;

struct manifest {
    const char *text;
    size_t bytes;
};

/* Reads the file `name`; it stays in memory. CPIO_NOT_FOUND, NO_MEMORY. */
MUST_USE err_t manifest_read(struct rpc_channel *core, const char *name, struct manifest *m);

/* Reads from the beginning. */
struct boot_file manifest_open(const struct manifest *m);

/* The next test program; keyword BOOT_FILE_END: that was all. BOOT_*: the line is wrong, or wants what testd
 * cannot give; nothing more can be read. */
MUST_USE err_t manifest_next(struct boot_file *file, struct boot_statement *s);

/* What a statement starts and with what, as the core server wants it: words with a zero byte behind each. */
struct manifest_words {
    char *words;
    size_t words_bytes;
    char *settings;
    size_t settings_bytes;
    char *name; /* of the program: the first word */
    char *caps;
};

/* NO_MEMORY. Given back by memory_free(w->words). */
MUST_USE err_t manifest_words(const struct boot_statement *s, struct manifest_words *w);

#endif
