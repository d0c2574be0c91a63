# SPDX-License-Identifier: MIT
"""Each check of tools/check finds a planted violation, names its place, and is quiet about the same tree without it."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CHECKS = ROOT / 'tools' / 'check'
C = '/* SPDX-License-Identifier: MIT */\n'
MESON = '# SPDX-License-Identifier: MIT\n'


class Planted(unittest.TestCase):
    """A small clean tree; `plant` adds to it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        shutil.copy(ROOT / '.clang-format', self.root)
        self.plant('core/pure/tree.c', C + '#include <mudskipper/abi/types.h>\n#include <stdint.h>\n')
        self.plant('core/include/mudskipper/abi/types.h', C + '#include <stdint.h>\n')
        self.plant('core/kernel/meson.build', MESON + "kernel_src = files('trap.c')\n")
        self.plant('core/kernel/trap.c', C + '#include <mudskipper/hal/cpu.h>\n#include "trap.h"\n')
        self.plant('core/kernel/trap.h', C + '#define MASK 0xfffff000u\n')
        self.plant('services/shell/main.c', C + '#include <stdio.h>\n#include <mudskipper/ns/ns.h>\n')

    def plant(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_check(self, name, *words):
        return subprocess.run([CHECKS / name, '--root', self.root, *words], capture_output=True, text=True)

    def finds(self, check, name, text, place, words=''):
        before = self.run_check(check)
        self.assertEqual((before.returncode, before.stdout), (0, ''), 'the clean tree is not clean')
        self.plant(name, text)
        after = self.run_check(check)
        self.assertEqual(after.returncode, 1, f'{check} did not find it')
        self.assertIn(place, after.stdout)
        self.assertIn(words, after.stdout)

    def accepts(self, check, name, text):
        self.plant(name, text)
        result = self.run_check(check)
        self.assertEqual((result.returncode, result.stdout), (0, ''))


class Layers(Planted):
    def find(self, name, line, words=''):
        self.finds('layers', name, f'{C}{line}\n', f'{name}:2:', words)

    def test_condition_on_an_architecture(self):
        self.find('core/kernel/a.c', '#ifdef __aarch64__', '__aarch64__')

    def test_condition_on_the_host(self):
        self.find('services/shell/a.c', '#if defined(__linux__)', '__linux__')

    def test_condition_on_the_port(self):
        self.find('core/mm/a.c', '#elif MUDSKIPPER_HOSTSIM', 'MUDSKIPPER_HOSTSIM')

    def test_condition_in_a_build_file(self):
        self.finds('layers', 'core/kernel/meson.build', f"{MESON}if arch == 'aarch64'\n", 'core/kernel/meson.build:2:')

    def test_assembly(self):
        self.find('core/kernel/a.c', 'void f(void) { __asm__ volatile("wfi"); }', 'assembly')

    def test_host_header_in_the_kernel(self):
        self.find('core/kernel/a.c', '#include <sys/mman.h>', 'sys/mman.h')

    def test_c_library_in_the_kernel(self):
        self.find('core/cap/a.c', '#include <stdio.h>', 'stdio.h')

    def test_host_header_in_a_service(self):
        self.find('services/shell/a.c', '#include <pthread.h>', 'pthread.h')

    def test_known_device_address(self):
        self.find('services/terminal/a.c', 'static long uart = 0x09000000;', '0x09000000')

    def test_device_address_by_its_shape(self):
        self.find('core/kernel/a.c', 'static long ocotp = 0x30350000ul;', '0x30350000')

    def test_pure_includes_the_hal(self):
        self.find('core/pure/a.c', '#include <mudskipper/hal/cpu.h>', 'not below pure')

    def test_capabilities_include_the_kernel(self):
        self.find('core/cap/a.c', '#include <mudskipper/kernel/run.h>', 'not below cap')

    def test_user_side_includes_the_hal(self):
        self.find('core/mm/a.c', '#include <mudskipper/hal/cpu.h>', 'not below mm')

    def test_include_upwards(self):
        self.find('core/mm/a.c', '#include <mudskipper/rpc/rpc.h>', 'not below mm')

    def test_kernel_includes_the_user_side(self):
        self.find('core/kernel/a.c', '#include <mudskipper/rt/process.h>', 'not below kernel')

    def test_include_out_of_the_folder(self):
        self.find('core/kernel/a.c', '#include "../cap/slot.h"', 'out of the file')

    def test_header_of_a_port(self):
        self.find('core/kernel/a.c', '#include <mudskipper/arch/hal_types.h>', 'port')

    def test_folder_without_a_place(self):
        self.find('core/strange/a.c', '#include <mudskipper/abi/types.h>', 'no place in the layers')

    def test_neutral_code_is_accepted(self):
        self.accepts('layers', 'core/kernel/a.c', C + '/* On __aarch64__ the UART is at 0x09000000. */\n'
                     '#define BARRIER() __asm__ volatile("" ::: "memory")\n'
                     '#define HASH 0xcbf29ce484222325ull\n#define PAGE 0x1000u\n#ifdef KERNEL_H\n#endif\n')

    def test_ports_are_not_neutral(self):
        self.accepts('layers', 'arch/hostsim/kernel/a.c', C + '#include <sys/mman.h>\n#ifdef __x86_64__\n#endif\n')


class Cycles(Planted):
    def test_two_headers(self):
        self.plant('core/kernel/trap.h', C + '#include "run.h"\n')
        self.plant('core/kernel/run.h', C)
        self.finds('cycles', 'core/kernel/run.h', C + '#include "trap.h"\n', 'core/kernel/run.h -> core/kernel/trap.h')

    def test_header_that_includes_itself(self):
        self.finds('cycles', 'core/kernel/trap.h', C + '#include "trap.h"\n', 'core/kernel/trap.h:')

    def test_circle_through_a_port(self):
        self.plant('core/include/mudskipper/hal/cpu.h', C + '#include <mudskipper/arch/types.h>\n')
        self.finds('cycles', 'arch/aarch64/include/mudskipper/arch/types.h', C + '#include <mudskipper/hal/cpu.h>\n',
                   'mudskipper/arch/types.h')

    def test_two_folders(self):
        self.plant('core/include/mudskipper/mm/mm.h', C)
        self.plant('core/include/mudskipper/vspace/vspace.h', C + '#include <mudskipper/mm/mm.h>\n')
        self.finds('cycles', 'core/mm/chunk.c', C + '#include <mudskipper/vspace/vspace.h>\n', 'vspace -> mm')

    def test_diamond_is_accepted(self):
        for name in ('left', 'right'):
            self.plant(f'core/kernel/{name}.h', C + '#include "trap.h"\n')
        self.accepts('cycles', 'core/kernel/a.c', C + '#include "left.h"\n#include "right.h"\n')


class Others(Planted):
    def test_missing_licence(self):
        self.finds('licences', 'core/kernel/a.c', '\n\n\n' + C, 'core/kernel/a.c:1:')

    def test_missing_licence_of_a_script(self):
        self.finds('licences', 'tools/x', '#!/bin/sh\n', 'tools/x:1:')

    def test_licence_after_the_interpreter(self):
        self.accepts('licences', 'tools/x', '#!/bin/sh\n' + MESON)

    def test_unfinished_work(self):
        self.finds('marks', 'core/kernel/a.c', C + '/* TO' 'DO: more */\n', 'core/kernel/a.c:2:')

    def test_left_over_merge(self):
        self.finds('marks', 'core/kernel/a.c', C + '<' * 7 + ' HEAD\n', 'core/kernel/a.c:2:')

    def test_trailing_blank(self):
        self.finds('marks', 'core/kernel/a.c', C + 'int a; \n', 'core/kernel/a.c:2:')

    def test_home_folder(self):
        self.finds('paths', 'tools/x', MESON + 'cd /ho' 'me/anna/src\n', 'tools/x:2:')

    def test_this_clone(self):
        self.finds('paths', 'tools/x', f'{MESON}cd {self.root}/build\n', 'tools/x:2:')

    def test_package_host(self):
        self.finds('paths', 'tools/x', MESON + 'fetch http://deb' '.example.org/\n', 'tools/x:2:')

    def test_package_repository(self):
        self.finds('paths', 'tools/x', MESON + 'fetch http://example.org/debi' 'an/\n', 'tools/x:2:')

    def test_ordinary_address_is_accepted(self):
        self.accepts('paths', 'README.md', 'See https://example.org/docs/home/page.html and /boot/Image.\n')

    def test_long_file(self):
        self.finds('length', 'core/kernel/a.c', C + 'int a;\n' * 700, 'core/kernel/a.c: 701 lines')

    def test_file_at_the_limit_is_accepted(self):
        self.accepts('length', 'core/kernel/a.c', C + 'int a;\n' * 699)

    def test_length_report_measures_functions(self):
        self.plant('core/mm/a.c', C + 'int f(int a,\n      int b)\n{\n    return a + b;\n}\n')
        table = self.run_check('length', '--report').stdout.splitlines()
        row = next(line.split() for line in table if 'core/mm' in line)
        self.assertEqual(row, ['core/mm', '1', '6', '6', '1', '3', '3'])


def has_clang_format():
    for name in ('clang-format-14', 'clang-format'):
        if shutil.which(name):
            said = subprocess.run([name, '--version'], capture_output=True, text=True).stdout
            if 'version 14.' in said:
                return True
    return False


@unittest.skipUnless(has_clang_format(), 'clang-format 14 is not installed')
class Format(Planted):
    CROOKED = C + 'int f( void ){return 0;}\n'

    def test_crooked_code(self):
        self.finds('format', 'core/mm/a.c', self.CROOKED, 'core/mm/a.c:2:')

    def test_fix_straightens(self):
        self.plant('core/mm/a.c', self.CROOKED)
        self.assertEqual(self.run_check('format', '--fix').returncode, 0)
        self.assertEqual((self.root / 'core/mm/a.c').read_text(), C + 'int f(void)\n{\n    return 0;\n}\n')

    def test_path_that_does_not_exist(self):
        self.assertEqual(self.run_check('format', 'core/nothing').returncode, 1)


class Errors(Planted):
    LIST = 'core/include/mudskipper/abi/errors.def'
    ONE = C + 'ERROR(OK, 0, "success")\nERROR(BAD, 33, "slot %s: 0x%x | %d")\n'

    def setUp(self):
        super().setUp()
        self.plant(self.LIST, self.ONE)
        self.plant('docs/errors.md', '')
        subprocess.run([ROOT / 'tools' / 'errors-page', '--root', self.root], check=True)

    def test_page_says_what_the_list_says(self):
        page = (self.root / 'docs/errors.md').read_text()
        self.assertIn('| 0 | `OK` | success |\n', page)
        self.assertIn('| 33 | `BAD` | slot A.B: 0x.. \\| N |\n', page)

    def test_new_error_without_a_page(self):
        self.finds('errors', self.LIST, self.ONE + 'ERROR(NEW, 34, "new")\n', 'docs/errors.md:1:')

    def test_number_that_is_used_twice(self):
        self.finds('errors', self.LIST, self.ONE + 'ERROR(NEW, 33, "new")\n', self.LIST, 'ascend')

    def test_line_that_is_none(self):
        self.finds('errors', self.LIST, self.ONE + 'ERROR(NEW, X, "new")\n', self.LIST, '1 of 3 lines')
