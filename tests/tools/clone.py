# SPDX-License-Identifier: MIT
"""A small clone for tests of the front door: our tools, and a Meson project of a few lines whose "simulator" prints
what it was asked to do. Only what is under test is real."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

MESON = """\
# SPDX-License-Identifier: MIT
project('mudskipper', 'c')
sim = executable('hostsim', 'hostsim.c')
sh = find_program('sh')
custom_target('archive.cpio', output: 'archive.cpio', command: ['touch', '@OUTPUT@'], build_by_default: true)
ids = executable('ids', 'ids.c')
test('unit-tree', sh, args: ['-c', 'echo 1..2; echo ok 1 - TREE-001 insert; echo ok 2 - TREE-002 remove'],
     suite: ['unit', 'caps'], protocol: 'tap')
test('unit-ids', ids, suite: ['unit', 'mm'], protocol: 'tap')
test('conformance-caps', sh, suite: ['conformance', 'caps'], protocol: 'tap',
     args: ['-c', 'echo ok 1 - CAP-1; echo not ok 2 - CAP-2 two; echo 1..2; echo why it failed >&2'])
test('conformance-mm', sh, args: ['-c', 'echo ok 1 - MM-1; echo "ok 2 - MM-2 # SKIP no memory"; echo 1..2'],
     suite: ['conformance', 'mm'], protocol: 'tap')
test('stress-hang', sh, args: ['-c', 'exec sleep 20'], suite: ['stress', 'msg'], timeout: 1, protocol: 'tap')
test('model-crash', executable('crash', 'crash.c'), suite: ['model', 'hal'], protocol: 'tap')
test('fuzz-third', sh, args: [files('third.sh'), meson.current_build_dir() / 'rounds'], suite: ['fuzz', 'boards'])
test('scenario-status', sim, args: ['-c', 'exit 3'], suite: ['scenario', 'shell'], should_fail: true)
test('scenario-skipped', sh, args: ['-c', 'exit 77'], suite: ['scenario', 'sim'])
add_test_setup('valgrind', exe_wrapper: find_program('tools/under-valgrind'), timeout_multiplier: 20)
subdir('unit')
"""

FAULTS = """\
test('fault-leak', executable('leak', 'faults.c', c_args: '-DLEAK'), suite: ['unit', 'rpc'])
test('fault-read', executable('read', 'faults.c', c_args: '-DREAD'), suite: ['unit', 'rpc'])
test('fault-none', executable('none', 'faults.c'), suite: ['unit', 'rpc'])
"""

FAULTS_C = r"""
#include <stdlib.h>

void *volatile pointer;

int main(void)
{
#ifdef LEAK
    pointer = malloc(100);
    pointer = NULL;
#endif
#ifdef READ
    int *block = malloc(100);
    pointer = block;
    free(block);
    return *(volatile int *)pointer == 0x12345678;
#endif
    return 0;
}
"""

# Ends in the middle of what it planned.
CRASH = r"""
#include <stdio.h>
#include <stdlib.h>
static const char *const tests[] = {"CRASH-001 comes first", "CRASH-002 ends it", "CRASH-003 would have followed"};
int main(void) { printf("1..3\nok 1 - %s\n", tests[0]); fflush(stdout); abort(); }
"""

# Fails when it is run for the third time.
THIRD = """\
echo x >> "$1"
test "$(wc -l < "$1")" -ne 3
"""

OPTIONS = """\
option('config', type: 'combo', choices: ['plain', 'asan', 'tsan', 'coverage'], value: 'plain')
option('libfdt', type: 'string')
"""

IDS = """\
#include <stdio.h>
int main(void) { puts("ok 1 - MM-MAP-1: maps\\nok 2 - MM-MAP-10: unmaps\\n1..2"); return 0; } /* MM-MAP-2 is no more */
"""

# A script of "exit N", "hang", "crash", "echo TEXT" does that; other lines, and arguments, are printed.
SIMULATOR = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void obey(const char *line)
{
    if (strncmp(line, "exit ", 5) == 0)
        exit(atoi(line + 5));
    if (strncmp(line, "hang", 4) == 0)
        for (;;)
            pause();
    if (strncmp(line, "crash", 5) == 0)
        abort();
    if (strncmp(line, "ns ls", 5) == 0)
        puts("sys.names.0");
    fputs(strncmp(line, "echo ", 5) == 0 ? line + 5 : line, stdout);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char line[4096];

    if (argc == 1) { /* the shell */
        fputs("> ", stdout);
        fflush(stdout);
        while (getchar() != EOF)
            ;
    }
    for (int i = 1; i < argc; i++) {
        FILE *script;

        if (strcmp(argv[i], "-c") == 0) {
            char *rest = argv[++i];

            for (char *each; (each = strsep(&rest, "\n")) != NULL;) {
                snprintf(line, sizeof(line), "%s\n", each);
                obey(line);
            }
        } else if (strcmp(argv[i], "--script") == 0 && (script = fopen(argv[++i], "r")) != NULL) {
            while (fgets(line, sizeof(line), script) != NULL)
                obey(line);
            fclose(script);
        } else {
            printf("[%s]\n", argv[i]);
        }
    }
    return 0;
}
"""


class Clone:
    def __init__(self, case):
        folder = tempfile.TemporaryDirectory(prefix='clone-')
        case.addClassCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        shutil.copytree(ROOT / 'tools', self.root / 'tools', ignore=shutil.ignore_patterns('__pycache__'))
        self.write('meson.build', MESON)
        self.write('meson_options.txt', OPTIONS)
        self.write('hostsim.c', SIMULATOR)
        self.write('ids.c', IDS)
        self.write('crash.c', CRASH)
        self.write('third.sh', THIRD)
        self.write('unit/meson.build', FAULTS)
        self.write('unit/faults.c', FAULTS_C)
        self.write('tools/newlib', '#!/bin/sh\nexit 0\n', 0o755)
        self.write('tools/fetch-arm64', '#!/bin/sh\nexit 0\n', 0o755)

    def write(self, name, text, mode=0o644):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def msk(self, *words, cwd=None, stdin='', **environment):
        # What a Meson that runs this test has put into the environment is not meant for the Meson in the clone.
        foreign = ('MESON', 'MUDSKIPPER', 'NINJA')
        env = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return subprocess.run([self.root / 'tools' / 'msk', *words], cwd=cwd or self.root, input=stdin, text=True,
                              capture_output=True, timeout=120, env=dict(env, **environment))


class Command(unittest.TestCase):
    """Tests that share one clone."""

    @classmethod
    def setUpClass(cls):
        cls.clone = Clone(cls)
        cls.msk = cls.clone.msk
