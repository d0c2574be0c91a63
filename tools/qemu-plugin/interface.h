/* SPDX-License-Identifier: MIT */
/* What this plugin uses of QEMU's interface for TCG plugins, declared here because Debian's packages of
 * QEMU 7.2 have no header for it. QEMU_INTERFACE is the interface's version, as meson.build found it for the
 * QEMU that is installed: 1 for QEMU 7 and 8, 4 for QEMU 10. QEMU refuses a plugin of a version it does not
 * know. */
#ifndef QEMU_PLUGIN_INTERFACE_H
#define QEMU_PLUGIN_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOR_QEMU __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;

struct qemu_plugin_tb;
struct qemu_plugin_insn;

struct qemu_info {
    const char *target_name;
    struct {
        int min;
        int cur;
    } version;
    bool system_emulation;
    struct {
        int smp_vcpus;
        int max_vcpus;
    } system;
};

enum { QEMU_CALLBACK_NO_REGISTERS = 0 };

/* Ours, looked for by QEMU. */
extern FOR_QEMU int qemu_plugin_version;
FOR_QEMU int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int count, char **words);

/* QEMU's. */
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*translated)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            void (*run)(unsigned vcpu, void *data), int registers,
                                            void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*end)(qemu_plugin_id_t, void *), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);

#if QEMU_INTERFACE == 1
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
#elif QEMU_INTERFACE == 4
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t room);
#else
#error "QEMU_INTERFACE is a version of the plugin interface that is not declared here"
#endif

#endif
