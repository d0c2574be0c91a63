/* SPDX-License-Identifier: MIT */
#include "calls.h"

SUITE_MAIN(THREADS_TESTS("UMP"))
