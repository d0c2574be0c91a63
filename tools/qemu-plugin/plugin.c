/* SPDX-License-Identifier: MIT */
/* A plugin for QEMU's code generator that counts what an aarch64 machine executes.
 *
 *   qemu-system-aarch64 ... -plugin FILE,out=FILE[,blocks=on|,blocks=only]
 *
 * blocks=only: it counts how often each block ran and nothing else, which is much faster; for coverage.
 *
 * What was counted is written at the end of the machine, a line each; addresses are hexadecimal:
 *
 *   processor NUMBER INSNS KERNEL             all that it executed, and of it in the kernel
 *   sample FIGURE PROCESSOR INSNS KERNEL      between a pair of markers; FIGURE: how many "next" markers came
 * before unseen COUNT                              writes of DAIF whose effect cannot be seen: `longest`
 * means nothing then longest INSNS PROCESSOR FIRST LAST        the longest stretch with interrupts off, and
 * where it began and ended step ADDRESS INSNS TIMES                  of it: a piece of code, how long it is,
 * and how often it ran block ADDRESS INSNS TIMES PAGE            blocks=on: the same for the whole run; PAGE:
 * hash of the page's contents
 *
 * Each time a stretch is longer than all before, "\x1eirqs-off INSNS\x1f" goes to standard output at once, so
 * that one sees between which lines of the machine's console that was. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "interface.h"
#include "block.h"
#include "processor.h"

int qemu_plugin_version = QEMU_INTERFACE;

static const char *out_path;
static bool want_blocks;
static bool only_blocks;
static unsigned processor_count;

static uint32_t insn_word(const struct qemu_plugin_insn *insn)
{
    uint32_t word = 0;

#if QEMU_INTERFACE == 1
    memcpy(&word, qemu_plugin_insn_data(insn), sizeof(word));
#else
    (void)qemu_plugin_insn_data(insn, &word, sizeof(word));
#endif
    return word;
}

/* A block as it is being put together: from one instruction of a translation on. */
struct piece {
    struct qemu_plugin_insn *first;
    uint32_t insns;
};

static void finish(struct piece *piece, enum kind kind)
{
    void *code;
    struct block *b;

    if (piece->insns == 0) {
        return;
    }
    code = qemu_plugin_insn_haddr(piece->first);
    b = block_find(qemu_plugin_insn_vaddr(piece->first), code != NULL && want_blocks ? page_hash(code) : 0,
                   piece->insns, kind);
    qemu_plugin_register_vcpu_insn_exec_cb(piece->first, only_blocks ? block_ran : processor_run,
                                           QEMU_CALLBACK_NO_REGISTERS, b);
    piece->insns = 0;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);
    struct piece piece = {NULL, 0};

    (void)id;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        enum kind kind = decode(insn_word(insn));

        if (kind_is_special(kind)) {
            finish(&piece, KIND_LAST);
        }
        if (piece.insns++ == 0) {
            piece.first = insn;
        }
        if (kind != KIND_PLAIN) {
            finish(&piece, kind);
        }
    }
    finish(&piece, KIND_LAST);
}

static void report_block(const struct block *b, void *out)
{
    uint64_t count = 0;

    for (unsigned i = 0; i < processor_count; i++) {
        count += b->runs[i].count;
    }
    if (count != 0) {
        fprintf(out, "block %" PRIx64 " %" PRIu32 " %" PRIu64 " %" PRIx64 "\n", b->address, b->insns, count,
                b->page);
    }
}

static void ended(qemu_plugin_id_t id, void *unused)
{
    FILE *out = fopen(out_path, "w");

    (void)id;
    (void)unused;
    if (out == NULL) {
        fprintf(stderr, "msk plugin: cannot write %s\n", out_path);
        return;
    }
    if (!only_blocks) {
        processor_report(out);
    }
    if (want_blocks) {
        block_each(report_block, out);
    }
    if (fprintf(out, "end\n") < 0 || fclose(out) != 0) {
        fprintf(stderr, "msk plugin: cannot write %s\n", out_path);
    }
}

static bool read_words(int count, char **words)
{
    for (int i = 0; i < count; i++) {
        if (strncmp(words[i], "out=", 4) == 0) {
            out_path = words[i] + 4;
        } else if (strcmp(words[i], "blocks=on") == 0) {
            want_blocks = true;
        } else if (strcmp(words[i], "blocks=only") == 0) {
            want_blocks = only_blocks = true;
        } else {
            fprintf(stderr,
                    "msk plugin: does not know \"%s\"; it knows out=FILE, blocks=on and blocks=only\n",
                    words[i]);
            return false;
        }
    }
    if (out_path == NULL) {
        fprintf(stderr, "msk plugin: out=FILE has to say where the counts go\n");
    }
    return out_path != NULL;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int count, char **words)
{
    if (strcmp(info->target_name, "aarch64") != 0 || !info->system_emulation) {
        fprintf(stderr, "msk plugin: counts aarch64 machines, not %s\n", info->target_name);
        return 1;
    }
    if (!read_words(count, words)) {
        return 1;
    }
    processor_count = (unsigned)info->system.max_vcpus;
    block_setup(processor_count);
    processor_setup(processor_count);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
