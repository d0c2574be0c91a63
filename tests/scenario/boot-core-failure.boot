# SPDX-License-Identifier: MIT
# What fails on another core fails the machine.
spawn core=2  null-read
