# SPDX-License-Identifier: MIT
"""What stands behind tools/msk and the runners that Meson calls. Python standard library only.

    cli                     words of the command line -> one of the commands
    command_run, _test, …   one file per command
    worlds                  where the system can run, and with which command line
    builds                  build folders: how each is configured, kept up to date
    packages                what has to be installed, and installing it
    bench_boot, measure     figures of one area; measuring processes
    process, qemu           one running system: its end, its exit status, its console
    archive                 the boot archive (cpio newc)
    runner                  what tools/run-tap and tools/run-scenario share
    suites, tap, report     tests: which there are, what they said, telling it
    coverage, coverage_…    which lines of core/ tests execute: gathered, counted, told
    console                 what the tools say to people
"""
