# SPDX-License-Identifier: MIT
# Ends well, and wants to be started again whenever it ends: until that is too often.
spawn restart=always  hello again
