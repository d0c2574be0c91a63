/* SPDX-License-Identifier: MIT */
/* Firmware calls: Power State Coordination Interface (Arm DEN0022), version 0.2 and later. */
#ifndef AARCH64_KERNEL_PSCI_H
#define AARCH64_KERNEL_PSCI_H

#include <mudskipper/abi/types.h>

enum psci_function {
    PSCI_CPU_OFF = (int)0x84000002,
    PSCI_SYSTEM_OFF = (int)0x84000008,
    PSCI_SYSTEM_RESET = (int)0x84000009,
    PSCI_CPU_ON = (int)0xc4000003,
    PSCI_AFFINITY_INFO = (int)0xc4000004,
};

enum psci_result {
    PSCI_SUCCESS = 0,
    PSCI_NOT_SUPPORTED = -1,
    PSCI_INVALID_PARAMETERS = -2,
    PSCI_ALREADY_ON = -4,
    PSCI_ON_PENDING = -5,
};

/* How the firmware is called: the device tree says it. Before that no call can be made. */
enum psci_method { PSCI_NONE, PSCI_HVC, PSCI_SMC };
void psci_init(enum psci_method method);
bool psci_usable(void);

int32_t psci_call(enum psci_function function, uint64_t a, uint64_t b, uint64_t c);

#endif
