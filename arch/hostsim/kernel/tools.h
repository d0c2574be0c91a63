/* SPDX-License-Identifier: MIT */
/* What the checking tools must be told. Every function does nothing where its tool is absent. */
#ifndef HOSTSIM_TOOLS_H
#define HOSTSIM_TOOLS_H

#include <mudskipper/abi/types.h>

#ifdef HOSTSIM_VALGRIND
#include <valgrind/memcheck.h>
#else
#define RUNNING_ON_VALGRIND                           0
#define VALGRIND_MAKE_MEM_DEFINED(address, bytes)     ((void)(address), (void)(bytes))
#define VALGRIND_MAKE_MEM_UNDEFINED(address, bytes)   ((void)(address), (void)(bytes))
#define VALGRIND_MAKE_MEM_NOACCESS(address, bytes)    ((void)(address), (void)(bytes))
#define VALGRIND_DISCARD_TRANSLATIONS(address, bytes) ((void)(address), (void)(bytes))
#define VALGRIND_DISABLE_ERROR_REPORTING              ((void)0)
#define VALGRIND_ENABLE_ERROR_REPORTING               ((void)0)
#define VALGRIND_STACK_REGISTER(low, high)            ((void)(low), (void)(high), 0u)
#define VALGRIND_STACK_DEREGISTER(id)                 ((void)(id))
#endif

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if __has_feature(address_sanitizer) || defined(__SANITIZE_ADDRESS__)
#define TOOL_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define TOOL_ASAN 0
#endif
#if __has_feature(thread_sanitizer) || defined(__SANITIZE_THREAD__)
#define TOOL_TSAN 1
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/tsan_interface.h>
#else
#define TOOL_TSAN 0
#endif

/* The deterministic machine (det.h). */
#ifdef HOSTSIM_DET
#define TOOL_DET 1
#else
#define TOOL_DET 0
#endif

/* Code that runs in signal handlers or between two stacks: no sanitizer may put calls there.
 * no_sanitize("thread") alone keeps function entry and exit hooks, which crash in a handler. */
#if defined(__clang__)
#define UNINSTRUMENTED __attribute__((disable_sanitizer_instrumentation, no_sanitize("address", "undefined")))
#else
#define UNINSTRUMENTED __attribute__((no_sanitize("address", "thread", "undefined")))
#endif

/* Valgrind refuses reservations of 64 GiB, and ThreadSanitizer's room for mappings holds only a few. */
static inline bool tool_small_windows(void)
{
    return TOOL_TSAN || RUNNING_ON_VALGRIND != 0;
}

/* Programs may run code of a sanitizer's run-time: faults and resumptions there are theirs. */
static inline bool tool_programs_use_host_code(void)
{
    return TOOL_ASAN || TOOL_TSAN;
}

#endif
