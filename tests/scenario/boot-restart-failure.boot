# SPDX-License-Identifier: MIT
# Fails each time, until that is too often: then it counts.
spawn restart=on-failure  null-read
