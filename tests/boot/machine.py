# SPDX-License-Identifier: MIT
"""A machine in QEMU that a test looks into while it runs: through gdb's protocol, and the monitor's events."""

import json
import socket
import subprocess
import threading
import time


class Debugger:
    """gdb's remote protocol, as much as reading and writing physical memory takes. The machine stands still meanwhile."""

    def __init__(self, path, seconds=20):
        end = time.monotonic() + seconds
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        self.socket.settimeout(seconds)
        self.rest = b''
        self.ask('?')
        self.must('Qqemu.PhyMemMode:1')

    def ask(self, packet):
        data = packet.encode()
        self.socket.sendall(b'$' + data + b'#%02x' % (sum(data) % 256))
        while True:
            start, end = self.rest.find(b'$'), self.rest.find(b'#')
            if 0 <= start < end and len(self.rest) >= end + 3:
                answer, self.rest = self.rest[start + 1:end], self.rest[end + 3:]
                self.socket.sendall(b'+')
                return answer.decode()
            piece = self.socket.recv(4096)
            if not piece:
                raise EOFError('the machine hung up')
            self.rest += piece

    def must(self, packet):
        answer = self.ask(packet)
        if answer != 'OK':
            raise ValueError(f'{packet}: {answer!r}')

    def read(self, address, count):
        return bytes.fromhex(self.ask(f'm{address:x},{count:x}'))

    def write(self, address, data):
        self.must(f'M{address:x},{len(data):x}:{data.hex()}')

    def release(self):
        """The machine goes on, without a debugger."""
        self.ask('D')
        self.socket.close()


class Machine:
    """QEMU with these words, started; `debugger`: the path in them where it waits for one."""

    def __init__(self, words, folder, debugger):
        self.debugger = debugger
        monitor = folder / 'monitor'
        monitor.unlink(missing_ok=True)
        self.qemu = subprocess.Popen([*words, '-chardev', f'socket,id=events,path={monitor},server=on,wait=off', '-mon',
                                      'chardev=events,mode=control'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT)
        self.events = []
        self.said = b''
        self.threads = [threading.Thread(target=self._listen, args=(monitor,)), threading.Thread(target=self._read)]
        for thread in self.threads:
            thread.start()

    def _read(self):
        while piece := self.qemu.stdout.read1(4096):
            self.said += piece

    def _listen(self, path):
        while self.qemu.poll() is None:
            with socket.socket(socket.AF_UNIX) as monitor:
                try:
                    monitor.connect(str(path))
                except OSError:
                    time.sleep(0.02)
                    continue
                monitor.sendall(b'{"execute": "qmp_capabilities"}\n')
                for line in monitor.makefile('rb'):
                    self.events.append(json.loads(line))
                return

    def debug(self):
        return Debugger(self.debugger)

    def wait(self, seconds):
        """Exit status; None: it still ran and was killed."""
        try:
            status = self.qemu.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        for thread in self.threads:
            thread.join()
        return status

    def kill(self):
        self.qemu.kill()
        self.qemu.wait()
        for thread in self.threads:
            thread.join()

    def event(self, name):
        """The data of the first event of that name, None when there was none."""
        return next((event.get('data', {}) for event in self.events if event.get('event') == name), None)
