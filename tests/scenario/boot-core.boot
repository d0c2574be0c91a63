# SPDX-License-Identifier: MIT
# Core 0 runs nothing: the machine lasts as long as core 3 does.
spawn core=3 restart=always  hello there
