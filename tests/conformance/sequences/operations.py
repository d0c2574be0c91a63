# SPDX-License-Identifier: MIT
"""Lists all operations of the ABI from its headers, so that the fuzzer misses none: OPERATION(name, type of capability)
for each invocation, SYSTEM_CALL(name) for the other system calls."""

import re
import sys

# The enumerations of invocations, and what they are operations on.
GROUPS = {'cnode': 'L1_CNODE', 'vnode': 'VNODE', 'mapping': 'MAPPING', 'log': 'LOG', 'dispatcher': 'DISPATCHER',
          'vspace': 'VNODE_L0', 'irq': 'IRQ', 'notify': 'NOTIFY', 'kernel': 'KERNEL'}
NOT_CALLS = {'SYS_INVOKE', 'SYS_COUNT'}  # the invocations themselves, and how many there are


def enumerations(text):
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.DOTALL)
    for name, body in re.findall(r'enum (\w+) \{(.*?)\};', text, re.DOTALL):
        yield name, re.findall(r'^\s*([A-Z]\w*)\s*(?:=[^,]*)?(?:,|$)', body, re.MULTILINE)


def lines(texts):
    for text in texts:
        for name, members in enumerations(text):
            group = re.fullmatch(r'invocation_(\w+)', name)
            if group:
                if group[1] not in GROUPS:
                    sys.exit(f'{sys.argv[0]}: operations on what? enum {name} is not in the list of groups')
                yield from (f'OPERATION({member}, {GROUPS[group[1]]})' for member in members)
            elif name == 'syscall_number':
                yield from (f'SYSTEM_CALL({member})' for member in members if member not in NOT_CALLS)


def main(output, *headers):
    texts = [open(name, encoding='utf-8').read() for name in headers]
    with open(output, 'w', encoding='utf-8') as file:
        file.write('\n'.join(['/* Made by operations.py: all operations of the ABI. */', *lines(texts), '']))


if __name__ == '__main__':
    main(*sys.argv[1:])
