#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots the aarch64 image on many machines: cores, memory, load addresses, device trees good and bad. Prints TAP.

Most machines are started as a boot loader starts them, with a device tree of our own: a few words of code put the
tree's address into x0 and jump to the image, wherever it was loaded. Every run ends by itself, and QEMU must not have
noticed the kernel doing anything a guest should not.
"""

import argparse
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLES = """examples:
  tests/boot/boot.py --image build-aarch64/Image --archive build-aarch64/archive.cpio
  tests/boot/boot.py … --only BOOT-TREE
"""

QEMU = 'qemu-system-aarch64'
MIB = 1 << 20
GIB = 1 << 30
RAM = 0x40000000
IMAGE = 0x40200000
TREE = 0x48000000
ARCHIVE = 0x4a000000
START = 0x4f000000  # where the few words of code are
GOOD = ['hello from hello']
FAILED = 134


class Failure(Exception):
    """What went wrong, in one line."""


class Bench:
    """Files of one run of this program, and the machines it starts."""

    def __init__(self, options, folder):
        self.image = options.image
        self.archive = options.archive
        self.folder = folder
        self.seconds = options.timeout
        self.source = None
        self.tolerated = '\n'  # in no line

    def qemu(self, machine, cores, memory, words):
        """Exit status and output. Anything QEMU complains about is a failure, but what `tolerated` occurs in."""
        log = self.folder / 'log'
        log.unlink(missing_ok=True)
        machine, _, cpu = machine.partition(' ')
        command = [QEMU, '-M', machine, '-cpu', cpu or 'cortex-a53', '-smp', str(cores), '-m', str(memory // MIB),
                   '-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-nic', 'none', '-no-reboot',
                   '-semihosting-config', 'enable=on,target=native', '-d', 'guest_errors', '-D', str(log), *words]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=self.seconds, check=False)
        except subprocess.TimeoutExpired as late:
            raise Failure(f'no end after {self.seconds} s; it said: {(late.stdout or b"").decode()[-200:]!r}') from late
        complaints = log.read_text().splitlines() if log.exists() else []
        complaints = [line for line in complaints if self.tolerated not in line]
        if complaints:
            raise Failure(f'QEMU complains: {complaints[0]}')
        return done.returncode, done.stdout.decode(errors='replace')

    def virt_source(self):
        """The source text of the tree that QEMU makes for a machine of two cores and 512 MiB."""
        if self.source is None:
            tree = self.folder / 'virt.dtb'
            subprocess.run([QEMU, '-M', f'virt,gic-version=3,dumpdtb={tree}', '-cpu', 'cortex-a53', '-smp', '2', '-m',
                            '512', '-nic', 'none', '-display', 'none'], check=True, capture_output=True)
            self.source = subprocess.run(['dtc', '-q', '-I', 'dtb', '-O', 'dts', str(tree)], check=True,
                                         capture_output=True, text=True).stdout
        return self.source

    def tree(self, *changes, bootargs='semihosting verbose init=hello', chosen='', top=''):
        """A tree for `loaded`: virt's, with each (regular expression, replacement) of `changes` made; bytes."""
        source = self.virt_source()
        source = re.sub(r'\tchosen \{.*?\n\t\};', '', source, flags=re.S)
        for pattern, replacement in changes:
            source, count = re.subn(pattern, replacement, source, flags=re.S)
            if count == 0:
                raise Failure(f'the tree of this QEMU has no {pattern!r} to change')
        source = source.rstrip()[:-2] + f'''
            {top}
            chosen {{
                bootargs = "{bootargs}";
                stdout-path = "/pl011@9000000";
                linux,initrd-start = <{ARCHIVE:#x}>;
                linux,initrd-end = <{ARCHIVE + self.archive.stat().st_size:#x}>;
                {chosen}
            }};
        }};'''
        return subprocess.run(['dtc', '-q', '-I', 'dts', '-O', 'dtb'], input=source.encode(), check=True,
                              capture_output=True).stdout

    def loaded(self, tree, image=IMAGE, at=TREE, cores=2, memory=512 * MIB, machine='virt,gic-version=3',
               archive=ARCHIVE):
        """As a boot loader does it: image, tree and archive at these addresses."""
        code = struct.pack('<4I2Q', 0x58000080, 0x580000a4, 0xd61f0080, 0xd503201f, at, image)
        (self.folder / 'start').write_bytes(code)
        (self.folder / 'tree').write_bytes(tree)
        words = []
        for file, place in ((self.image, image), (self.folder / 'tree', at), (self.archive, archive),
                            (self.folder / 'start', START)):
            words += ['-device', f'loader,file={file},addr={place:#x},force-raw=on']
        return self.qemu(machine, cores, memory, [*words, '-device', f'loader,addr={START:#x},cpu-num=0'])

    def plain(self, machine, cores, memory, append='verbose'):
        """QEMU as boot loader, with its own tree."""
        return self.qemu(machine, cores, memory, ['-kernel', str(self.image), '-initrd', str(self.archive), '-append',
                                                  f'semihosting init=hello {append}'])


def expect(result, lines, status=0):
    """Each of `lines` occurs in a line of what was printed."""
    code, said = result
    for wanted in lines:
        if not any(wanted in line for line in said.splitlines()) or 'does not start' in said:
            raise Failure(f'"{wanted}" was not said; the end of what was: {said[-200:]!r}')
    if code != status:
        raise Failure(f'status {code}, not {status}')


def up(cores):
    """The kernel starts them all before the first program, and would say which one did not come up."""
    return [f', {cores} cores', *GOOD]


def refuses(sentence):
    return ['mudskipper: cannot boot: ' + sentence]


def node(name):
    """A pattern for a whole node of the first level."""
    return rf'\t{name} \{{.*?\n\t\}};'


CASES = []


def case(identifier, sentence):
    def note(function):
        CASES.append((identifier, sentence, function))
        return function
    return note


for index, (machine_, cores_) in enumerate((
        ('virt,gic-version=2', 1), ('virt,gic-version=2', 8), ('virt,gic-version=3', 1), ('virt,gic-version=3', 4),
        ('virt,gic-version=3', 20), ('virt,gic-version=3,virtualization=on cortex-a35', 4),
        ('virt,gic-version=2,virtualization=on', 2), ('virt,gic-version=3 max', 3))):
    @case(f'BOOT-CORES-{index + 1:03}', f'{cores_} cores of {machine_}')
    def _cores(bench, machine=machine_, cores=cores_):
        expect(bench.plain(machine, cores, 512 * MIB), up(cores))

for index, memory_ in enumerate((128 * MIB, 1 * GIB, 3 * GIB, 8 * GIB)):
    @case(f'BOOT-MEMORY-{index + 1:03}', f'{memory_ // MIB} MiB')
    def _memory(bench, memory=memory_):
        expect(bench.plain('virt,gic-version=3', 2, memory), up(2))

for index, place_ in enumerate((RAM + 2 * MIB, RAM + 62 * MIB, RAM + 510 * MIB, RAM + 96 * MIB)):
    @case(f'BOOT-ADDRESS-{index + 1:03}', f'the image at {place_:#x}')
    def _address(bench, place=place_):
        expect(bench.loaded(bench.tree(), image=place), up(2))


@case('BOOT-ADDRESS-005', 'tree and archive below the image')
def _order(bench):
    below = RAM + 3 * MIB
    bytes_ = bench.archive.stat().st_size
    tree = bench.tree()
    for old, new in ((ARCHIVE, below), (ARCHIVE + bytes_, below + bytes_)):
        tree = tree.replace(struct.pack('>I', old), struct.pack('>I', new))
    expect(bench.loaded(tree, image=RAM + 100 * MIB, at=RAM + 2 * MIB - 8, archive=below), up(2))


@case('BOOT-ADDRESS-006', 'a tree that straddles 2 MiB')
def _straddle(bench):
    expect(bench.loaded(bench.tree(), at=RAM + 128 * MIB - 16), up(2))


@case('BOOT-BANKS-001', 'three banks, one above 4 GiB, with holes between them')
def _banks(bench):
    banks = (r'memory@40000000 \{.*?\};', '''memory@40000000 {
        device_type = "memory"; reg = <0 0x40000000 0 0x1234000>, <0 0x44000000 0 0x8000000>, <1 0 0 0x10000000>; };''')
    expect(bench.loaded(bench.tree(banks), memory=5 * GIB), up(2))


@case('BOOT-BANKS-002', 'two memory nodes, the kernel in the second')
def _nodes(bench):
    banks = (r'memory@40000000 \{.*?\};', '''
        memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x100000>; };
        memory@44000000 { device_type = "memory"; reg = <0 0x44000000 0 0x10000000>; };''')
    expect(bench.loaded(bench.tree(banks), image=RAM + 96 * MIB), up(2))


@case('BOOT-RESERVED-001', 'reserved and no-map regions all around the image')
def _reserved(bench):
    regions = '''reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;
        a { reg = <0 0x40000000 0 0x200000>; no-map; };
        b { reg = <0 0x40400000 0 0x1000>; no-map; };
        c { reg = <0 0x40600000 0 0x5000000>; };
        d { reg = <0 0x4c000000 0 0x2ff000>; no-map; };
        e { size = <0 0x1000000>; }; };'''
    expect(bench.loaded(bench.tree(top=regions)), up(2))


@case('BOOT-CONSOLE-001', 'no stdout-path: the first port a driver knows')
def _first_port(bench):
    tree = bench.tree().replace(b'stdout-path', b'stdout-hath')
    expect(bench.loaded(tree), up(2))


@case('BOOT-CONSOLE-002', 'earlycon= when the tree names no port')
def _earlycon(bench):
    tree = bench.tree((r'arm,pl011', 'foo,pl011'),
                      bootargs='semihosting verbose init=hello earlycon=pl011,mmio32,0x9000000')
    expect(bench.loaded(tree), up(2))


@case('BOOT-CONSOLE-003', 'no port at all: the status says so')
def _no_port(bench):
    code, said = bench.loaded(bench.tree((r'arm,pl011', 'foo,pl011')))
    if (code, said) != (FAILED, ''):
        raise Failure(f'status {code}, output {said!r}')


@case('BOOT-TREE-001', 'no memory')
def _no_memory(bench):
    expect(bench.loaded(bench.tree((node('memory@40000000'), ''))),
           refuses('device tree: no usable memory node'), FAILED)


@case('BOOT-TREE-002', 'no interrupt controller')
def _no_gic(bench):
    expect(bench.loaded(bench.tree((r'"arm,gic-v3"', '"none"'))),
           refuses('device tree: no interrupt controller this kernel can drive'), FAILED)


@case('BOOT-TREE-003', 'no timer')
def _no_timer(bench):
    expect(bench.loaded(bench.tree((node('timer'), ''))), refuses('device tree: no architected timer'), FAILED)


@case('BOOT-TREE-004', 'no PSCI: there is no way to end, so the sentence is all')
def _no_psci(bench):
    expect(bench.loaded(bench.tree((node('psci'), ''))), refuses('device tree: no PSCI node'), FAILED)


@case('BOOT-TREE-005', 'a broken tag behind the command line, named by its offset')
def _broken(bench):
    tree = bytearray(bench.tree(bootargs='semihosting earlycon=pl011,0x9000000'))
    structure = struct.unpack('>I', tree[8:12])[0]
    length = struct.unpack('>I', tree[36:40])[0]
    at = structure + length - 4  # the end tag, the very last
    tree[at:at + 4] = struct.pack('>I', 0x77)
    expect(bench.loaded(bytes(tree)), refuses(f'device tree: malformed at offset {at:#x}'), FAILED)


@case('BOOT-TREE-006', 'a tree that claims to be longer than a tree may be')
def _long(bench):
    tree = bytearray(bench.tree(bootargs='semihosting earlycon=pl011,0x9000000'))
    tree[4:8] = struct.pack('>I', 3 * MIB)
    bench.seconds, usual = 3, bench.seconds
    try:
        bench.loaded(bytes(tree))
    except Failure as end:  # nothing in it is believed, so there is no port and no way to end
        if "no end after 3 s; it said: ''" not in str(end):
            raise
    else:
        raise Failure('it ended')
    finally:
        bench.seconds = usual


@case('BOOT-TREE-007', 'a tree for four cores on a machine of two')
def _too_many(bench):
    cpus = (r'(cpu@1 \{.*?\};)', r'\1 cpu@2 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <2>; '
                                 r'enable-method = "psci"; };')
    bench.tolerated = 'Requesting unknown CPU'  # asked with AFFINITY_INFO, as one may
    expect(bench.loaded(bench.tree(cpus)), up(2))


@case('BOOT-TREE-008', 'a core that is disabled stays off')
def _disabled(bench):
    expect(bench.loaded(bench.tree((r'(cpu@1 \{)', r'\1 status = "disabled";'))), up(1))


@case('BOOT-ARCHIVE-001', 'an archive that lies outside memory is refused')
def _archive(bench):
    tree = bench.tree().replace(struct.pack('>I', ARCHIVE), struct.pack('>I', 0x10000000))
    code, said = bench.loaded(tree)
    if 'the boot archive lies outside memory' not in said or code == 0:
        raise Failure(f'status {code}, it said {said!r}')


def run(options):
    cases = [each for each in CASES if options.only in each[0]]
    missing = [tool for tool in (QEMU, 'dtc') if shutil.which(tool) is None]
    if missing:
        print(f'Bail out! {" and ".join(missing)} missing')
        return 1
    print(f'1..{len(cases)}', flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, Path(folder))
        for number, (identifier, sentence, function) in enumerate(cases, 1):
            word = 'ok'
            try:
                bench.tolerated = '\n'
                function(bench)
            except (Failure, subprocess.CalledProcessError) as error:
                word = 'not ok'
                failed += 1
                print(f'# {error}')
            print(f'{word} {number} - {identifier} {sentence}', flush=True)
    return 1 if failed or not cases else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--image', type=Path, required=True, help='what a boot loader gets')
    parser.add_argument('--archive', type=Path, required=True, help='with the program bin/hello')
    parser.add_argument('--only', default='', metavar='TEXT', help='the cases with TEXT in their identifier')
    parser.add_argument('--timeout', type=float, default=40, metavar='S', help='for one machine (default: 40)')
    sys.exit(run(parser.parse_args()))


if __name__ == '__main__':
    main()
