# SPDX-License-Identifier: GPL-2.0-or-later
"""lab: machines on this one (two, or as many as asked for), made of namespaces, with disk and power switch.

Happy path: enter(body) runs body in a PID, mount and network namespace of its own, which is at the
same time the network switch; Lab makes the rest. Whatever ends it (the end, an exception, Ctrl-C, kill
-9), the kernel takes the namespaces with it, and the outer process removes what is left: one cgroup and
one directory. Fails: LabError, with what was expected.
"""
import contextlib
import ctypes
import datetime
import glob
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
NODES = ('db1', 'db2')  # of a lab of two, as most are; Lab.names has those of any
NETS = ('10.77.0', '10.77.1')
NEWNS, NEWNET, NEWPID = 0x20000, 0x40000000, 0x20000000
libc = ctypes.CDLL(None, use_errno=True)
now = time.monotonic


class LabError(Exception):
    """What was expected did not happen; the text says what."""


def die_with_parent():
    libc.prctl(1, signal.SIGKILL)


def run(*argv, check=True, timeout=30, **kw):
    kw.setdefault('stdin', subprocess.DEVNULL)
    if 'input' in kw:
        kw.pop('stdin')
    r = subprocess.run(argv, timeout=timeout, capture_output=True, text=True, **kw)
    if check and r.returncode:
        raise LabError('%s: exit %d: %s' % (' '.join(argv), r.returncode, (r.stderr or r.stdout).strip()))
    return r


def wait_for(what, test, timeout, each=0.01):
    """Polls test() until it is true; its value. LabError when the time is over."""
    end = now() + timeout
    while True:
        value = test()
        if value:
            return value
        if now() > end:
            raise LabError('not within %g s: %s' % (timeout, what() if callable(what) else what))
        time.sleep(each)


# ---- around everything ---------------------------------------------------------------------------

def unshare(flags):
    if libc.unshare(flags):
        raise LabError('cannot make namespaces: ' + os.strerror(ctypes.get_errno()))


def cgroup_make():
    """A cgroup v2 directory of our own, or None where there is none to be had."""
    for line in open('/proc/self/mountinfo', encoding='utf-8'):
        fields, tail = line.split(' - ')
        if tail.split()[0] == 'cgroup2':
            path = os.path.join(fields.split()[4], 'yoke-lab.%d' % os.getpid())
            try:
                sweep(fields.split()[4])
                os.mkdir(path)
                return path
            except OSError:
                pass
    return None


def sweep(where, prefix='yoke-lab.'):
    """Empty directories that labs killed by kill -9 have left: nobody was there to remove them."""
    for name in os.listdir(where):
        pid = name[len(prefix):].split('.')[0] if name.startswith(prefix) else ''
        if pid.isdigit() and not os.path.exists('/proc/' + pid):
            path = os.path.join(where, name)
            for top, _, _ in os.walk(path, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(top)


def cgroup_remove(path):
    if not path or not os.path.isdir(path):
        return
    with contextlib.suppress(OSError), open(path + '/cgroup.kill', 'w', encoding='ascii') as f:
        f.write('1')
    end = now() + 5
    while os.path.isdir(path) and now() < end:
        for top, dirs, _ in os.walk(path, topdown=False):
            for d in dirs:
                with contextlib.suppress(OSError):
                    os.rmdir(os.path.join(top, d))
        with contextlib.suppress(OSError):
            os.rmdir(path)
        time.sleep(0.01)


class Interrupted(BaseException):
    """Ctrl-C or a request to end: everything is taken down, exit 130."""


def on_signal(*_):
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, signal.SIG_IGN)
    raise Interrupted


def inside(body, top, cgroup):
    die_with_parent()
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, on_signal)
    status = 1
    try:
        unshare(NEWNS | NEWNET)
        run('mount', '--make-rprivate', '/')
        run('mount', '-t', 'proc', 'proc', '/proc')
        run('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', top)
        status = body(top, cgroup)
    except Interrupted:
        print('\ninterrupted', file=sys.stderr)
        status = 130
    except LabError as e:
        print('FAILED: %s' % e, file=sys.stderr)
    except Exception:  # its trace is what helps
        import traceback
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status or 0)


def enter(body):
    """Runs body(directory, cgroup) as process 1 of a PID namespace; returns its exit status."""
    if os.geteuid() != 0:
        print('only root can make namespaces and loop devices', file=sys.stderr)
        return 77
    sweep(tempfile.gettempdir())
    top = tempfile.mkdtemp(prefix='yoke-lab.%d.' % os.getpid())
    os.chmod(top, 0o755)
    cgroup = cgroup_make()
    unshare(NEWPID)
    child = os.fork()
    if child == 0:
        inside(body, top, cgroup)
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, lambda *_: os.kill(child, signal.SIGTERM))
    try:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        cgroup_remove(cgroup)
        shutil.rmtree(top, ignore_errors=True)
    return status if status >= 0 else 1


# ---- parts ---------------------------------------------------------------------------------------

class Disk:
    """The shared disk: a loop device that ends with this process, and an ext4 on it."""

    def __init__(self, top, megabytes):
        self.image = top + '/shared.img'
        with open(self.image, 'wb') as f:
            f.truncate(megabytes << 20)
        self.device = run('losetup', '--find', '--show', self.image).stdout.strip()
        self.fd = os.open(self.device, os.O_RDONLY)
        run('losetup', '-d', self.device)  # from now on the device ends with its last user
        run('mkfs.ext4', '-q', '-F', '-E', 'nodiscard', '-J', 'size=4', self.device)
        self.kernel = '/sys/fs/ext4/' + os.path.basename(self.device)

    def in_use(self):
        return os.path.exists(self.kernel)

    def close(self):
        os.close(self.fd)
        os.unlink(self.image)


class Node:
    """One machine."""

    def __init__(self, lab, name):
        self.lab, self.name, self.number = lab, name, lab.names.index(name) + 1
        self.ports = ['p%d.%d' % (self.number, i) for i in range(len(NETS))]
        self.p, self.init, self.boots, self.disk = None, None, 0, False
        self.resets = []  # when it was reset, by itself or by its watchdog
        self.lock = threading.RLock()
        os.makedirs('%s/node/%s' % (lab.top, name))

    def is_on(self):
        return self.init is not None

    def power_on(self):
        with self.lock:
            if self.is_on():
                return
            self.boots += 1
            cgroup = '-'
            if self.lab.cgroup:
                # A new one for each boot: the old one may still have directories in it.
                cgroup = '%s/%s.%d' % (self.lab.cgroup, self.name, self.boots)
                os.mkdir(cgroup)
            first = str(3000 * self.number + 700 * self.boots)
            log = open('%s/log/%s.console' % (self.lab.top, self.name), 'a', encoding='utf-8')
            self.p = subprocess.Popen(
                [self.lab.program('nodeinit'), self.name, cgroup, first, HERE + '/nodeboot',
                 self.lab.top, self.name, str(self.number)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1,
                start_new_session=True)
            log.close()
            word = self.p.stdout.readline().split()
            if len(word) != 2:
                raise LabError('%s does not boot' % self.name)
            init = int(word[1])
            for net, port in enumerate(self.ports):
                self.lab.switch.plug(port, net, init, 'eth%d' % net)
            self.p.stdin.write('go\n')
            if self.p.stdout.readline() != 'READY\n':
                raise LabError('%s does not boot: see its console' % self.name)
            self.init = init
            self.lab.cable.power(self.name, True)
            self.lab.dogs[self.name].tell('on', init)
            threading.Thread(target=self.watch, args=(self.p,), daemon=True).start()
            self.spawn('exec ip -ts monitor address >>%s/log/%s.addresses 2>&1' % (self.lab.top, self.name))

    def watch(self, p):
        """A machine that is reset, by itself or by its watchdog, is off until somebody boots it."""
        fd = os.pidfd_open(p.pid)
        try:
            select.select([fd], [], [])
        finally:
            os.close(fd)
        with self.lock:
            if self.p is p and self.is_on():
                self.resets.append(now())
                self.disk = True  # it may have had it
                self.dead()

    def has_disk(self):
        try:
            with open('/proc/%d/mounts' % self.init, encoding='utf-8') as f:
                return any(line.startswith(self.lab.disk.device + ' ') for line in f)
        except OSError:
            return False

    def power_off(self):
        """As a power cut: every process dies at once, the network is silent. Returns when it began;
        by the return it is verified: nothing of it lives, the kernel has let go of its disk."""
        with self.lock:
            begun = now()
            if not self.is_on():
                return begun
            self.disk = self.has_disk()
            begun = now()
            os.kill(self.init, signal.SIGKILL)
            self.dead()
            return begun

    def dead(self):
        """What comes after the death of its first process."""
        for port in self.ports:
            self.lab.switch.power(port, False)
        self.lab.cable.power(self.name, False)
        self.lab.dogs[self.name].tell('off')
        self.p.wait(10)
        self.init = None
        peers = [n for n in self.lab.nodes.values() if n is not self]
        if self.disk:
            wait_for('the kernel lets go of the disk of ' + self.name, lambda: not self.lab.disk.in_use() or
                     any(n.is_on() and n.has_disk() for n in peers), 20, 0.002)
        self.lab.witness(self.name, '-', 'power', 'off')
        self.p.stdin.close()
        self.p.stdout.close()
        for port in self.ports:
            self.lab.switch.unplug(port)

    def spawn(self, line):
        """Runs a shell line in the background, with no process of it outside the node."""
        self.p.stdin.write(line.replace('\n', ' ') + '\n')

    def enter(self, *argv):
        return ['nsenter', '-t', str(self.init), '-m', '-u', '-i', '-n', '-p', '-C', '--', *argv]

    def run(self, *argv, check=True, timeout=30, **kw):
        if not self.is_on():
            raise LabError('%s is off' % self.name)
        # The limit is kept inside: nsenter, killed, would leave its child to nobody, and a node with a child
        # that nobody waits for cannot die.
        return run(*self.enter('timeout', '-s', 'KILL', str(timeout), *argv), check=check, timeout=timeout + 5, **kw)

    def pids(self, *names):
        """Processes of the node (numbers as seen here) of those names; all when none is given."""
        out = []
        if not self.is_on():
            return out
        mine = os.readlink('/proc/%d/ns/pid' % self.init)
        for d in os.listdir('/proc'):
            with contextlib.suppress(OSError):
                if d.isdigit() and os.readlink('/proc/%s/ns/pid' % d) == mine:
                    with open('/proc/%s/comm' % d, encoding='utf-8', errors='replace') as f:
                        if not names or f.read().strip() in names:
                            out.append(int(d))
        return out

    def cut(self, on=True, nets=range(len(NETS)), carrier=False):
        """Cuts this node's networks towards those that are cut, too, or, with carrier, altogether."""
        for net in nets:
            if carrier:
                self.lab.switch.power(self.ports[net], not on)
            else:
                self.lab.switch.isolate(self.ports[net], on)


class PowerSwitch:
    """Answers the fence agent fence_lab: requests "ACTION NODE ANSWER-FIFO" come by LAB/power."""

    def __init__(self, lab):
        self.lab, self.served, self.refuse, self.lie = lab, [], False, False
        self.path = lab.top + '/power'
        os.mkfifo(self.path)
        self.fd = os.open(self.path, os.O_RDWR)  # never at its end
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def loop(self):
        with os.fdopen(self.fd, encoding='ascii', errors='replace') as requests:
            for line in requests:
                words = line.split()
                if words[:1] == ['end']:
                    return
                if len(words) == 3:
                    answer = self.serve(words[0], words[1])
                    with contextlib.suppress(OSError):
                        fd = os.open(words[2], os.O_WRONLY | os.O_NONBLOCK)
                        os.write(fd, (answer + '\n').encode())
                        os.close(fd)

    def serve(self, action, name):
        node = self.lab.nodes.get(name)
        if self.refuse or node is None:
            return 'failed'
        if self.lie:
            return 'off'
        if action in ('off', 'reboot'):
            self.served.append((now(), name, 'was on' if node.is_on() else 'was off'))
            try:
                node.power_off()
            except (LabError, subprocess.TimeoutExpired):
                return 'failed'
        return 'on' if node.is_on() else 'off'

    def close(self):
        with open(self.path, 'w', encoding='ascii') as f:
            f.write('end\n')
        self.thread.join(5)
        os.unlink(self.path)


# ---- the whole -----------------------------------------------------------------------------------

class Lab:
    """LAB/install is the software under test; LAB/log everything that was said."""

    def __init__(self, top, cgroup, build, disk_mb=256, baud=115200, nodes=2):
        import hardware  # they need this module
        import network
        self.names = tuple('db%d' % (i + 1) for i in range(nodes))
        self.top, self.cgroup, self.build = top, cgroup, os.path.realpath(build)
        for d in ('log', 'ocf/resource.d', 'fence', 'fence.real'):
            os.makedirs('%s/%s' % (top, d), exist_ok=True)
        self.install()
        if cgroup:
            os.makedirs(cgroup + '/lab', exist_ok=True)
            with open(cgroup + '/lab/cgroup.procs', 'w', encoding='ascii') as f:
                f.write('0')
        self.switch = network.Switch()
        self.cable = network.Cable(self.program('relay'), top, baud, self.names)
        self.disk = Disk(top, disk_mb)
        self.client = network.Client(self)
        self.dogs = {n: hardware.Watchdog(self, n) for n in self.names}
        self.nodes = {n: Node(self, n) for n in self.names}
        self.power = PowerSwitch(self)

    def program(self, name):
        return '%s/test/system/%s' % (self.build, name)

    def install(self):
        """What the build makes, as packages would put it; and the lab's stand-ins for agents."""
        if not os.path.isdir(self.top + '/install'):
            run('make', '-s', '-C', self.build, 'install', 'DESTDIR=%s/install' % self.top, timeout=300)
            prefixes = self.make_value('prefix')
            with open(self.top + '/prefixes', 'w', encoding='ascii') as f:
                f.write(prefixes + '\n')
        with open(self.top + '/hosts', 'w', encoding='ascii') as f:
            f.write('127.0.0.1 localhost\n')
            f.writelines('%s.%d %s\n' % (NETS[0], i + 1, n) for i, n in enumerate(self.names))
        seen = [self.top, os.path.dirname(os.path.dirname(HERE)), os.path.realpath(self.build)]
        with open(self.top + '/seen', 'w', encoding='ascii') as f:
            f.write('\n'.join(dict.fromkeys(seen)) + '\n')
        roots = [self.make_value('ocfroot'), HERE + '/ocf', '/usr/lib/ocf']
        with open(self.top + '/roots', 'w', encoding='ascii') as f:
            f.write('\n'.join(dict.fromkeys(roots)) + '\n')
        for root in (self.top + '/install' + roots[0], HERE + '/ocf', '/usr/lib/ocf'):
            for provider in os.listdir(root + '/resource.d') if os.path.isdir(root + '/resource.d') else []:
                self.stand_in(root, provider)
        shutil.copy(HERE + '/fence_lab', self.top + '/fence.real/fence_lab')
        os.symlink(self.program('witness'), self.top + '/fence/fence_lab')

    def stand_in(self, root, provider):
        to = '%s/ocf/resource.d/%s' % (self.top, provider)
        os.makedirs(to, exist_ok=True)
        for agent in os.listdir('%s/resource.d/%s' % (root, provider)):
            path = '%s/resource.d/%s/%s' % (root, provider, agent)
            if os.access(path, os.X_OK) and not os.path.lexists('%s/%s' % (to, agent)):
                os.symlink(self.program('witness'), '%s/%s' % (to, agent))

    def make_value(self, name):
        """A variable of the build's Makefile, wholly expanded."""
        r = run('make', '-s', '-C', self.build, '--eval=yoke-lab-print: ; @echo "$(%s)"' % name,
                'yoke-lab-print')
        return r.stdout.strip()

    def witness(self, node, resource, action, what, rc=0):
        with open(self.top + '/witness.log', 'a', encoding='ascii') as f:
            f.write('%d %s %s %s %s %d\n' % (time.monotonic_ns(), node, resource, action, what, rc))

    def part(self, groups, nets=range(len(NETS))):
        """Divides the nodes: [['db1'], ['db2', 'db3']]; whoever is named nowhere is with the other such. Both
        directions, on all networks or some, until heal(); clients reach all. Serial line and disk stay."""
        named = [n for g in groups for n in g]
        whole = [*groups, [n for n in self.names if n not in named]]
        for net in nets:
            self.switch.part(net, [[self.nodes[n].ports[net] for n in g] for g in whole])
        self.switch.apply()

    def heal(self, nets=range(len(NETS))):
        for net in nets:
            self.switch.part(net, [])
        self.switch.apply()

    def off(self):
        for n in self.nodes.values():
            n.power_off()

    def close(self):
        self.off()
        self.power.close()
        self.client.close()
        self.cable.close()
        for dog in self.dogs.values():
            dog.close()
        self.disk.close()


# ---- what the witnesses saw ----------------------------------------------------------------------

def activity(top):
    """Intervals {resource: [(from, to, node)]} in ns: from the beginning of a start, whatever came of
    it, to the end of a stop that succeeded, or to the node's death; to is None while it lasts."""
    out, running = {}, {}
    with contextlib.suppress(FileNotFoundError), open(top + '/witness.log', encoding='utf-8') as f:
        for line in sorted(f, key=lambda text: int(text.split()[0])):
            at, node, rsc, action, what, rc = line.split()
            if action == 'start' and what == 'begin':
                running.setdefault((rsc, node), int(at))
            over = [(rsc, node)] if (action, what, rc) == ('stop', 'end', '0') else []
            if action == 'power':
                over = [k for k in running if k[1] == node]
            for key in over:
                if key in running:
                    out.setdefault(key[0], []).append((running.pop(key), int(at), node))
    for (rsc, node), at in running.items():
        out.setdefault(rsc, []).append((at, None, node))
    return out


def addresses(top, address):
    """The same of an address, as `ip monitor` saw it in each node: a second witness."""
    offset = time.time_ns() - time.monotonic_ns()
    events, spans, have = [], [], {}
    for path in glob.glob(top + '/log/*.addresses'):
        node = os.path.basename(path)[:-len('.addresses')]
        with open(path, encoding='utf-8', errors='replace') as f:
            for line in f:
                if ' inet %s/' % address in line and line.startswith('['):
                    at = datetime.datetime.fromisoformat(line[1:line.index(']')])
                    events.append((int(at.timestamp() * 1e9) - offset, node, 'Deleted' not in line))
    with contextlib.suppress(FileNotFoundError), open(top + '/witness.log', encoding='utf-8') as f:
        for line in f:
            at, node, _, action, _, _ = line.split()
            if action == 'power':
                events.append((int(at), node, False))
    for at, node, on in sorted(events):
        if on:
            have.setdefault(node, at)
        elif node in have:
            spans.append((have.pop(node), at, node))
    return spans + [(at, None, node) for node, at in have.items()]


def doubly_active(top, address='10.77.0.100'):
    """["RESOURCE on NODE and NODE for N ms"], by both witnesses: must be empty."""
    found, end = [], time.monotonic_ns()
    seen = dict(activity(top), **{'the address ' + address: addresses(top, address)})
    for rsc, spans in seen.items():
        spans = sorted((a, b or end, n) for a, b, n in spans)
        for i, (_, b, n) in enumerate(spans):
            for a2, b2, n2 in spans[i + 1:]:
                if n2 != n and a2 < b:
                    found.append('%s on %s and %s for %.1f ms' % (rsc, n, n2, (min(b, b2) - a2) / 1e6))
    return found
