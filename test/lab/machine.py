# SPDX-License-Identifier: GPL-2.0-or-later
"""machine: the lab's two servers and their disk array in QEMU, cables, management boards.

All of it lives in the namespaces of test/system/lab.py (enter), with bridges as networks:
  br0  management 10.9.0.0/24    db1 .1, db2 .2; this machine .254; the boards .11 and .12 (IPMI, UDP 623)
  br1  link1 10.9.1.0/24         clients are here too, this machine is one of them: .254
  br2  link2 10.9.2.0/24
  br3  db1 to the array's first port, 10.9.3.0/24      br4  db2 to its second port, 10.9.4.0/24
Happy path: Room(top, images), boot(), run() ... Whatever ends the process ends all of it.
Fails: LabError, with what was expected.
"""
import contextlib
import json
import os
import select
import shlex
import signal
import socket
import subprocess
import threading
import time

from lab import LabError, now, run, wait_for

NODES = ('db1', 'db2')
ARRAY = 'array'
LINKS = {'link1': 1, 'link2': 2}
BOOT_S, SSH_S, COMMAND_S, QMP_S = 180, 10, 60, 20
CONSOLE_LINES = 20
BLOCK = 4096
DATA_MB, QUORUM_MB = 64, 4
WRITER_AT = (DATA_MB - 1) << 20  # the second partition of the data disk


def number(node):
    return NODES.index(node) + 1


class Machine:
    """One QEMU. What its monitor tells (reset, watchdog, panic, end) is kept with the time."""

    def __init__(self, room, name):
        self.room, self.name = room, name
        self.p = self.monitor = None
        self.boots = 0
        self.events = []  # (time, word)
        self.stopped = False
        self.console = '%s/%s.console' % (room.top, name)

    def is_on(self):
        return self.p is not None and self.p.poll() is None

    def boot(self):
        if self.is_on():
            raise LabError('%s is on already' % self.name)
        self.p, self.monitor = None, None
        sock = '%s/%s.qmp' % (self.room.top, self.name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(sock)
        self.seen = self.readies()
        argv = ['qemu-system-x86_64', '-name', self.name, '-cpu', 'qemu64', '-smp', '1', '-nodefaults',
                '-no-user-config', '-display', 'none', '-kernel', self.room.image('vmlinux'),
                '-machine', 'pc,hpet=off,vmport=off,usb=off', '-no-shutdown',
                '-chardev', 'file,id=con,path=%s,append=on' % self.console,
                '-device', 'isa-serial,chardev=con,index=0',
                '-qmp', 'unix:%s,server=on,wait=off' % sock] + self.parts()
        with open('%s/%s.qemu' % (self.room.top, self.name), 'ab') as log:
            self.p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                      preexec_fn=lambda: os.nice(5))
        self.boots += 1
        self.stopped = False
        self.told('on')
        wait_for('the monitor of ' + self.name, lambda: os.path.exists(sock), QMP_S)
        self.monitor = Monitor(self, sock)

    def parts(self):
        """Disks and cards, as options of QEMU."""
        n = number(self.name)
        disk = '%s/%s.qcow2' % (self.room.top, self.name)
        if not os.path.exists(disk):
            run('qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', self.room.image('base.img'), disk)
        words = ('root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 mitigations=off nokaslr audit=0 apparmor=0 '
                 'tsc=reliable no_timer_check random.trust_cpu=on cryptomgr.notests systemd.show_status=0 '
                 'panic=0 systemd.hostname=%s lab.number=%d' % (self.name, n))
        argv = ['-accel', 'tcg,thread=multi,tb-size=256', '-m', '768', '-initrd', self.room.image('initrd'),
                '-append', words, '-drive', 'file=%s,if=none,id=root,format=qcow2,cache=unsafe' % disk,
                '-device', 'virtio-blk-pci,drive=root', '-device', 'i6300esb,id=wdt', '-action', 'watchdog=reset',
                '-object', 'rng-random,id=rng,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng',
                '-chardev', 'socket,id=com,path=%s,server=on,wait=off' % self.room.cable.path(self.name),
                '-device', 'isa-serial,chardev=com,index=1']
        for i, tap in enumerate(self.taps()):
            argv += card(tap, 'eth%d' % i, n, i)
        return argv

    def taps(self):
        return ['%s.%d' % (self.name, i) for i in range(4)]

    def told(self, word):
        self.events.append((now(), word))

    def since(self, mark, *words):
        return [t for t, w in list(self.events) if t >= mark and w in words]

    # ---- what is done to it ----

    def kill(self):
        """The power cord."""
        if self.p:
            self.p.kill()
            self.p.wait()
            self.told('off')

    def reset(self):
        self.let_go()
        self.qmp('system_reset')

    def freeze(self):
        """Hangs; its watchdog cannot act either, and its clocks have run on when it thaws."""
        self.stopped = True
        os.kill(self.p.pid, signal.SIGSTOP)

    def pause(self):
        """Its clocks stop too, and its watchdog with it."""
        self.stopped = True
        self.qmp('stop')

    def let_go(self):
        if self.is_on() and self.stopped:
            os.kill(self.p.pid, signal.SIGCONT)
            self.qmp('cont')
            self.stopped = False

    def qmp(self, command, **arguments):
        if not self.is_on():
            raise LabError('%s is off' % self.name)
        return self.monitor.do(command, arguments)

    # ---- commands in it ----

    def readies(self):
        with contextlib.suppress(FileNotFoundError), open(self.console, 'rb') as f:
            return f.read().count(b'lab-ready')
        return 0

    def wait_up(self):
        """After boot() or a reset: until it takes commands and has its disks."""
        wait_for('%s is up' % self.name, lambda: self.readies() > self.seen, BOOT_S, 0.1)
        self.seen = self.readies()
        if self.name != ARRAY:
            run('ssh', *self.ssh_words(), '-O', 'exit', 'x', check=False)
            wait_for('%s takes commands' % self.name, lambda: self.run('true', check=False).returncode == 0, 60, 0.2)

    def ssh_words(self):
        return ['-q', '-F', 'none', '-i', self.room.image('key'), '-o', 'StrictHostKeyChecking=no', '-o',
                'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes', '-o', 'Compression=no',
                '-o', 'KexAlgorithms=curve25519-sha256', '-o', 'Ciphers=aes128-ctr',
                '-o', 'ConnectTimeout=%d' % SSH_S, '-o', 'ServerAliveInterval=2', '-o', 'ServerAliveCountMax=3',
                '-o', 'ControlMaster=auto', '-o', 'ControlPath=%s/%s.ssh' % (self.room.top, self.name),
                '-o', 'ControlPersist=yes']

    def run(self, command, check=True, timeout=COMMAND_S, **kw):
        """A shell command as root in it."""
        try:
            r = run('ssh', *self.ssh_words(), 'root@10.9.0.%d' % number(self.name), command, check=False,
                    timeout=timeout, **kw)
        except subprocess.TimeoutExpired:
            r = subprocess.CompletedProcess(command, 255, '', 'no answer within %d s' % timeout)
        if check and r.returncode:
            raise LabError('%s: %s: exit %d: %s' % (self.name, command, r.returncode, (r.stderr or r.stdout).strip()))
        return r


class Array(Machine):
    """The disk array. It is never told anything: LIO runs in it."""

    def parts(self):
        top = self.room.top
        return ['-accel', 'tcg,tb-size=128', '-m', '256', '-initrd', self.room.image('initrd.array'), '-append',
                'console=ttyS0 quiet net.ifnames=0 mitigations=off nokaslr audit=0 tsc=reliable no_timer_check '
                'cryptomgr.notests panic=1',
                '-drive', 'file=%s/quorum.img,if=none,id=d0,format=raw,cache=unsafe' % top,
                '-device', 'virtio-blk-pci,drive=d0',
                '-drive', 'file=%s/data.img,if=none,id=d1,format=raw,cache=unsafe' % top,
                '-device', 'virtio-blk-pci,drive=d1'] + card('array.0', 'eth0', 9, 3) + card('array.1', 'eth1', 9, 4)


def card(tap, name, node, net):
    return ['-netdev', 'tap,id=n-%s,ifname=%s,script=no,downscript=no' % (name, tap),
            '-device', 'virtio-net-pci,netdev=n-%s,id=%s,mac=52:54:00:00:%02x:%02x,romfile=' % (name, name, net, node)]


class Monitor:
    """A QMP connection with a reader of its own: answers to who asked, events to the machine."""

    WORDS = {'RESET': 'reset', 'WATCHDOG': 'watchdog', 'GUEST_PANICKED': 'panic', 'SHUTDOWN': 'shutdown'}

    def __init__(self, machine, path):
        self.machine = machine
        self.s = socket.socket(socket.AF_UNIX)
        wait_for('a connection to ' + path, lambda: self.s.connect_ex(path) == 0, QMP_S)
        self.f = self.s.makefile('r')
        self.answers, self.ready, self.lock = [], threading.Condition(), threading.Lock()
        threading.Thread(target=self.read, daemon=True).start()
        self.do('qmp_capabilities', {})

    def read(self):
        with contextlib.suppress(OSError, ValueError):
            for line in self.f:
                got = json.loads(line)
                if 'event' in got:
                    word = self.WORDS.get(got['event'])
                    if word:
                        self.machine.told(word)
                elif 'QMP' not in got:
                    with self.ready:
                        self.answers.append(got)
                        self.ready.notify()

    def do(self, command, arguments):
        with self.lock:
            self.s.sendall(json.dumps({'execute': command, 'arguments': arguments}).encode() + b'\n')
            with self.ready:
                if not self.ready.wait_for(lambda: self.answers, QMP_S):
                    raise LabError('%s: no answer to %s' % (self.machine.name, command))
                got = self.answers.pop(0)
        if 'error' in got:
            raise LabError('%s: %s: %s' % (self.machine.name, command, got['error']['desc']))
        return got['return']


class Cable(threading.Thread):
    """The null-modem cable between the second serial ports: bytes go on as QEMU's UARTs pace them."""

    def __init__(self, top):
        super().__init__(daemon=True)
        self.top, self.whole = top, True
        self.start()

    def path(self, node):
        return '%s/%s.com' % (self.top, node)

    def run(self):
        ends = {}
        while True:
            for n in NODES:
                if n not in ends:
                    s = socket.socket(socket.AF_UNIX)
                    if s.connect_ex(self.path(n)) == 0:
                        ends[n] = s
            readable, _, _ = select.select(list(ends.values()), [], [], 0.5)
            for s in readable:
                self.carry(ends, s)
            if len(ends) < len(NODES):
                time.sleep(0.1)

    def carry(self, ends, s):
        name = [n for n in ends if ends[n] is s][0]
        try:
            data = s.recv(4096)
        except OSError:
            data = b''
        if not data:
            ends.pop(name).close()
            return
        for n, to in ends.items():
            if n != name and self.whole:
                with contextlib.suppress(OSError):
                    to.send(data, socket.MSG_DONTWAIT)


class Boards(threading.Thread):
    """The management boards: ipmi_sim for each server; it asks here (a socket) for power."""

    USER, PASSWORD = 'admin', 'lab'

    def __init__(self, room):
        super().__init__(daemon=True)
        self.room, self.acts = room, []
        self.s = socket.socket(socket.AF_UNIX)
        self.s.bind(room.top + '/power')
        self.s.listen(8)
        self.start()
        self.sims = {n: self.sim(n) for n in NODES}

    def sim(self, node):
        n, where = number(node), '%s/board-%s' % (self.room.top, node)
        os.mkdir(where)
        here = os.path.dirname(os.path.abspath(__file__))
        auths = ''.join('    allowed_auths_%s none md2 md5 straight\n' % who
                        for who in ('callback', 'user', 'operator', 'admin'))
        with open(where + '/lan.conf', 'w', encoding='ascii') as f:
            f.write('name "%s"\nset_working_mc 0x20\n  startlan 1\n    addr 10.9.0.1%d 623\n    priv_limit admin\n'
                    '%s    guid a123456789abcdefa12345678900000%d\n  endlan\n'
                    '  chassis_control "%s/power %s %s"\n  user 1 true "" "%s" user 10 none md2 md5 straight\n'
                    '  user 2 true "%s" "%s" admin 10 none md2 md5 straight\n'
                    % (node, n, auths, n, here, self.room.top + '/power', node, self.PASSWORD, self.USER, self.PASSWORD))
        with open(where + '/emu', 'w', encoding='ascii') as f:
            f.write('mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n')
        with open(where + '/log', 'wb') as log:
            return subprocess.Popen(['ipmi_sim', '-n', '-c', where + '/lan.conf', '-f', where + '/emu', '-s', where],
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def run(self):
        while True:
            c, _ = self.s.accept()
            with contextlib.suppress(OSError), c:
                words = c.recv(256).decode().split()
                c.sendall(self.serve(*words).encode())

    def serve(self, node, verb, *rest):
        m = self.room.machines[node]
        if verb == 'get':
            return ''.join('%s:%s\n' % (w, {'power': int(m.is_on()), 'boot': 'default'}.get(w, 0)) for w in rest)
        self.acts.append((now(), node, ' '.join(rest)))
        pairs = dict(zip(rest[::2], rest[1::2]))
        try:
            if pairs.get('power') == '0' or pairs.get('shutdown') == '1':
                m.kill()
            elif pairs.get('power') == '1' and not m.is_on():
                m.boot()
            elif pairs.get('reset') == '1' and m.is_on():
                m.reset()
        except LabError as e:
            self.acts.append((now(), node, 'FAILED: %s' % e))
        return ''


class Room:
    """All of it."""

    def __init__(self, top, images):
        self.top, self.images = top, images
        lines = ['link set lo up']
        for i in range(5):
            lines += ['link add br%d type bridge stp_state 0 forward_delay 0 mcast_snooping 0' % i, 'link set br%d up' % i]
        lines += ['addr add 10.9.0.254/24 dev br0', 'addr add 10.9.0.11/24 dev br0', 'addr add 10.9.0.12/24 dev br0',
                  'addr add 10.9.1.254/24 dev br1']
        for n in NODES:
            for i in range(3):
                lines += plug_lines('%s.%d' % (n, i), i)
            lines += plug_lines('%s.3' % n, number(n) + 2)
        lines += plug_lines('array.0', 3) + plug_lines('array.1', 4)
        run('ip', '-batch', '-', input='\n'.join(lines) + '\n')
        self.disks_make()
        self.cable = Cable(top)
        self.machines = {n: Machine(self, n) for n in NODES}
        self.machines[ARRAY] = Array(self, ARRAY)
        self.boards = Boards(self)

    def image(self, name):
        return os.path.join(self.images, name)

    def disks_make(self):
        with open(self.top + '/quorum.img', 'wb') as f:
            f.truncate(QUORUM_MB << 20)
        path = self.top + '/data.img'
        with open(path, 'wb') as f:
            f.truncate(DATA_MB << 20)
        run('sfdisk', '-q', path, input='label: dos\nstart=1MiB, size=%dMiB\nstart=%dMiB\n' % (DATA_MB - 2, DATA_MB - 1))
        run('mke2fs', '-q', '-t', 'ext4', '-E', 'offset=%d,nodiscard' % (1 << 20), path, '%dM' % (DATA_MB - 2))

    def node(self, name):
        return self.machines[name]

    def link(self, name, whole):
        """Cuts or mends: link1, link2, serial, disk-db1, disk-db2, array (both). Nobody is told."""
        if name == 'serial':
            self.cable.whole = whole
        elif name in LINKS:
            # isolated ports do not hear each other, but clients still reach both
            for n in NODES:
                run('bridge', 'link', 'set', 'dev', '%s.%d' % (n, LINKS[name]), 'isolated', 'off' if whole else 'on')
        elif name == 'array':
            for n in NODES:
                self.link('disk-' + n, whole)
        elif name.startswith('disk-') and name[5:] in NODES:
            k = number(name[5:])
            run('ip', 'link', 'set', 'array.%d' % (k - 1), *(['master', 'br%d' % (k + 2)] if whole else ['nomaster']))
        elif name == 'boards':
            run('ip', 'addr', 'replace' if whole else 'del', '10.9.0.11/24', 'dev', 'br0')
            run('ip', 'addr', 'replace' if whole else 'del', '10.9.0.12/24', 'dev', 'br0')
        else:
            raise LabError('there is no link ' + name)

    def plug(self, node, card_name, into):
        """One card's cable, with its carrier."""
        self.node(node).qmp('set_link', name=card_name, up=into)

    def boot(self):
        for m in self.machines.values():
            if not m.is_on():
                m.boot()
        for m in self.machines.values():
            m.wait_up()

    def describe(self, node):
        """The end of a server's console: what its journal said last, also of one that died."""
        with contextlib.suppress(OSError), open(self.node(node).console, encoding='utf-8', errors='replace') as f:
            return '\n'.join(x.rstrip()[:240] for x in f.read().split('\n')[-CONSOLE_LINES:])
        return ''


def plug_lines(tap, bridge):
    return ['tuntap add dev %s mode tap' % tap, 'link set %s master br%d up' % (tap, bridge)]


def quote(*words):
    return ' '.join(shlex.quote(str(w)) for w in words)
