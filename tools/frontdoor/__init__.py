# SPDX-License-Identifier: MIT
"""What stands behind tools/msk and the runners that Meson calls. Python standard library only.

    cli                     words of the command line -> one of the commands
    command_run, _test, …   one file per command
    worlds                  where the system can run, and with which command line
    builds                  build folders: how each is configured, kept up to date
    packages                what has to be installed, and installing it
    process, qemu           one running system: its end, its exit status, its console
    archive                 the boot archive (cpio newc)
    tap, report             results of tests: reading them, telling them
    console                 what the tools say to people
"""
