/* SPDX-License-Identifier: MIT */
/* The boot file: plain text in the boot archive that says what to start. One statement a line, words as in
 * words.h, '#' at the beginning of a word starts a comment. docs/reference/boot-file.md is the page for
 * people.
 *
 *   spawn  [OPTION...] PROGRAM [ARGUMENT...]
 *   driver [OPTION...] COMPATIBLE PROGRAM [ARGUMENT...]      one process for each device that is there
 *   set    KEY VALUE
 *
 *   OPTION: core=N|all  restart=never|on-failure|always  cap=NAME[,NAME...]  stdin=NAME  stdout=NAME
 * stderr=NAME env=KEY=VALUE (any number)  memory=SIZE[k|M|G|T]  priority=N  device=console (driver only)
 *
 * The reader keeps no state and copies nothing: everything in a statement is a piece of the text, which must
 * stay and not change. Words come as they stand, with quotation marks: word_copy and word_is take those off.
 */
#ifndef MUDSKIPPER_PURE_BOOT_FILE_H
#define MUDSKIPPER_PURE_BOOT_FILE_H

#include <mudskipper/abi/error.h>
#include <mudskipper/pure/words.h>

struct boot_file {
    struct text rest; /* lines not read yet */
    uint64_t line;    /* of the last one read; the first is 1 */
    uint32_t cores;   /* of the machine; 0: any number is right */
};

enum boot_keyword { BOOT_FILE_END, BOOT_FILE_SPAWN, BOOT_FILE_DRIVER, BOOT_FILE_SET };

enum boot_restart { BOOT_RESTART_NEVER, BOOT_RESTART_ON_FAILURE, BOOT_RESTART_ALWAYS };

struct boot_statement {
    enum boot_keyword keyword; /* BOOT_FILE_END: nothing else is filled */
    uint64_t line;

    /* spawn, driver */
    struct text compatible; /* driver only; so the next one */
    bool console_only;      /* for the device that is the machine's console */
    struct text program;
    struct text arguments; /* for boot_file_argument */
    struct text options;   /* for boot_file_environment */
    bool all_cores;
    coreid_t core; /* unless all_cores; 0 when not given */
    enum boot_restart restart;
    struct text caps;       /* for boot_file_cap */
    struct text stdin_name; /* start NULL: not given; so the next two */
    struct text stdout_name;
    struct text stderr_name;
    uint64_t memory; /* bytes; 0: not given */
    bool has_priority;
    uint32_t priority;

    /* set */
    struct text key;
    struct text value;
};

struct boot_file boot_file_open(const void *bytes, uint64_t size, uint32_t cores);

/* The next statement; at the end OK with keyword BOOT_FILE_END. After an error the file stands behind that
 * line, so that all errors of a file can be shown. Detail: the number of the line. BOOT_QUOTE    a quotation
 * mark is not closed BOOT_KEYWORD  an unknown statement, option or restart policy BOOT_CORE     core= is
 * neither a number below `cores` nor all BOOT_SYNTAX   anything else: something is missing, double,
 * superfluous, empty, no number, or not text */
err_t boot_file_next(struct boot_file *file, struct boot_statement *statement) MUST_USE;

/* The pieces of a statement that boot_file_next accepted; each takes one off and is false at the end. */
bool boot_file_argument(struct text *arguments, struct text *argument);
bool boot_file_cap(struct text *caps, struct text *name);
bool boot_file_environment(struct text *options, struct text *setting /* KEY=VALUE */);

#endif
