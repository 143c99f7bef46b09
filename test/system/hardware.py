# SPDX-License-Identifier: GPL-2.0-or-later
"""hardware: watchdogs and the quorum disk of a lab's machines.

Happy path: Watchdog(lab, NODE) resets its machine when its keeper feeds it no more; QuorumDisk(lab)
can be wiped, pulled out, or cut off one machine only. In each machine they are /run/dog and
/run/quorum. Fails: LabError.
"""
import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import threading

from lab import LabError, now, run, wait_for

WATCHDOG = '[watchdog]\ndevice = /run/dog\naccept-weak-watchdog = yes\n'
DISK = '[disk quorum]\ndevice = /run/quorum\n'
MIB = 1 << 20
LOOP_SET_STATUS64, LOOP_GET_STATUS64 = 0x4C04, 0x4C05
LOOP_INFO64_LEN, SIZE_LIMIT_AT = 232, 32


class Watchdog:
    """The program resetter, and what it told: [(word, seconds, number)]."""

    def __init__(self, lab, name):
        self.path = '%s/dog.%s' % (lab.top, name)
        self.p = subprocess.Popen([lab.program('resetter'), self.path], stdin=subprocess.PIPE, text=True,
                                  stdout=subprocess.PIPE, start_new_session=True, bufsize=1)
        if self.p.stdout.readline() != 'ready\n':
            raise LabError('the watchdog of %s does not work' % name)
        self.told = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.p.stdout:
            w = line.split()
            self.told.append((w[0], int(w[1]) / 1e9, int(w[2]) if len(w) > 2 else 0))

    def tell(self, *words):
        with contextlib.suppress(BrokenPipeError):
            self.p.stdin.write(' '.join(str(w) for w in words) + '\n')

    def seen(self, word, since=0.0):
        """When that happened, after that moment."""
        return [at for w, at, _ in list(self.told) if w == word and at > since]

    def wait_bite(self, since, timeout):
        """When it reset its machine."""
        return wait_for('the watchdog resets its machine: %r' % self.told[-4:],
                        lambda: self.seen('bite', since), timeout)[0]

    def close(self):
        self.p.stdin.close()
        self.p.wait(5)


class QuorumDisk:
    """A disk of 1 MiB, with a path of its own to each machine. It ends with this process."""

    def __init__(self, lab):
        self.top, self.image, self.names = lab.top, lab.top + '/quorum.img', lab.names
        self.resize(MIB)
        self.fd = os.open(self.image, os.O_RDWR)
        self.devices, self.paths = {}, {}
        for n in self.names:
            self.devices[n] = run('losetup', '--find', '--show', self.image).stdout.strip()
            self.paths[n] = os.open(self.devices[n], os.O_RDONLY)
            run('losetup', '-d', self.devices[n])  # from now on the device ends with its last user
            self.plug(n)

    def resize(self, size):
        with open(self.image, 'ab') as f:
            f.truncate(size)

    def plug(self, node, on=True):
        """Whether the machine finds it."""
        link = '%s/quorum.%s' % (self.top, node)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(link)
        if on:
            os.symlink(self.devices[node], link)

    def cut(self, node, on=True):
        """Every read and write of that machine fails from now on, while the device stays where it is."""
        info = bytearray(LOOP_INFO64_LEN)
        fcntl.ioctl(self.paths[node], LOOP_GET_STATUS64, info)
        struct.pack_into('Q', info, SIZE_LIMIT_AT, 512 if on else 0)
        fcntl.ioctl(self.paths[node], LOOP_SET_STATUS64, info)

    def pull(self):
        """Every read and write fails from now on, and nobody finds it any more."""
        self.resize(0)
        for n in self.names:
            run('losetup', '-c', self.devices[n])
            self.plug(n, False)

    def push(self):
        self.resize(MIB)
        for n in self.names:
            run('losetup', '-c', self.devices[n])
            self.plug(n)

    def wipe(self):
        os.pwrite(self.fd, bytes(MIB), 0)

    def close(self):
        for fd in [self.fd, *self.paths.values()]:
            os.close(fd)
        os.unlink(self.image)


class Lun:
    """A SCSI disk that can do persistent reservations: the program lunserver answers the commands
    that yoked, with lunpath.so loaded before it, sends to some block device. Nexus 0 is the path of
    db1, 1 that of db2 and so on; the others are strangers'."""

    def __init__(self, lab, name):
        self.path = '%s/lun.%s' % (lab.top, name)
        self.p = subprocess.Popen([lab.program('lunserver'), self.path, name.encode().hex().ljust(32, '0')],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                  start_new_session=True)
        if self.p.stdout.readline() != 'ready\n':
            raise LabError('the disk %s does not work' % name)

    def tell(self, *words):
        """What it answers, a line each."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.connect(self.path)
            s.send(('X' + ' '.join(str(w) for w in words)).encode())
            said = s.recv(4096).decode().splitlines()
        if said == ['no such order']:
            raise LabError('%s: %s' % (said[0], words))
        return said

    def keys(self):
        """{nexus: key}"""
        return {int(w[1]): w[2] for w in (x.split() for x in self.tell('show')) if w[0] == 'key'}

    def holder(self):
        """The nexus whose reservation it is, None: nobody's."""
        return next((int(w[1]) for w in (x.split() for x in self.tell('show')) if w[0] == 'holder'), None)

    def close(self):
        self.p.stdin.close()
        self.p.wait(5)


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def header(cluster='town', version=1):
    """The first block of a quorum disk, as lib/wire/block.h says, of a cluster that is not ours."""
    name = cluster.encode()
    block = struct.pack('<8sHHI16sQH', b'YOKEDISK', version, 16, 4096, b'a stranger disk.', 1, len(name)) + name
    block = block.ljust(4092, b'\0')
    return block + struct.pack('<I', crc32c(block))


def all_cut(pair, on=True, disk_of=None):
    """Cuts (or mends) both networks and the serial line, and the way to the disk of one machine.
    When it was done."""
    at = now()
    if disk_of:
        pair.quorum.cut(disk_of, on)
    pair.lab.cable.tell('cut' if on else 'heal')
    for n in pair.names:
        if pair.nodes[n].is_on():
            pair.nodes[n].cut(on)
    return at
