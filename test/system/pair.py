# SPDX-License-Identifier: GPL-2.0-or-later
"""pair: yoke on the machines of a lab, two or more: configuration, daemons, command line, PostgreSQL, client.

Happy path: Pair(lab), use_ring() where corosync is the engine, start(), load(CRM), then wait_where.
Fails: LabError.
"""
import contextlib
import glob
import json
import os
import re
import shlex
import signal
import subprocess
import time

import hardware
import lab as lab_module
from lab import LabError, NODES, now, run, wait_for
from ring import Ring

ADDRESS = '10.77.0.100'
CONF = '/etc/yoke/yoke.conf'
DATA = '/var/lib/treasury'


def other(node):
    """The other one, where there are two."""
    return NODES[1 - NODES.index(node)]


class Pair:
    def __init__(self, lab, deadtime='1s', takeover=None, serial=True, guard='fence', **more):
        self.lab, self.nodes, self.names = lab, lab.nodes, lab.names
        prefix = lab.make_value('prefix')
        self.sbin = lab.make_value('sbindir')
        self.yoke = lab.make_value('bindir') + '/yoke'
        for where in ('bindir', 'sbindir'):
            path = lab.make_value(where) + '/yoke'
            if os.path.exists(lab.top + '/install' + path):
                self.yoke = path
        self.options = dict(more, deadtime=deadtime, takeover=takeover, serial=serial, guard=guard)
        self.prefix = prefix
        self.daemon_runs = {n: 0 for n in self.names}
        self.quorum, self.ring = None, None
        self.luns = {}  # {node: what is loaded before yoked and yoke}
        self.clones = set()  # resources that are meant to run on all nodes

    # ---- configuration ---------------------------------------------------------------------------

    def conf(self, **change):
        o = dict({'name': 'demo', 'id': {n: i + 1 for i, n in enumerate(self.names)}, 'engine': None, 'nets': ('lan', 'san'),
                  'net2': 'udp', 'v6': False, 'more': '', 'baud': 115200}, **self.options)
        o.update(change)
        text = ['[cluster]', 'name = ' + o['name']]
        text += ['engine = ' + o['engine']] if o['engine'] else []
        text += ['deadtime = ' + o['deadtime']] if o['deadtime'] else []
        text += ['takeover = ' + o['takeover']] if o['takeover'] else []
        for n in self.names:
            text += ['[node %s]' % n, 'id = %d' % o['id'][n]]
        for i, (link, kind) in enumerate(zip(o['nets'], ('udp', o['net2']))):
            if kind:
                text += ['[link %s]' % link, 'type = ' + kind]
                net = ('fd77::', 'fd77:1::')[i] if o['v6'] else lab_module.NETS[i] + '.'
                text += ['%s = %s%d' % (n, net, k + 1) for k, n in enumerate(self.names)]
        if o['serial']:
            text += ['[link com]', 'type = serial', 'baud = %d' % o['baud']]
            text += ['%s = %s' % end for end in self.lab.cable.ends.items()]
        text += ['[guard]', 'use = ' + o['guard'], '[security]', 'keyfile = /etc/yoke/key',
                 '[daemon]', 'state-dir = /var/lib/yoke', 'run-dir = /run/yoke',
                 'agent-dirs = %s/ocf' % self.lab.top, 'fence-dirs = %s/fence' % self.lab.top, o['more']]
        return '\n'.join(text) + '\n'

    def write_conf(self, nodes=None, text=None, **change):
        for n in nodes or self.names:
            self.nodes[n].run('tee', CONF, input=text or self.conf(**change))

    def write_key(self, nodes=None):
        """One key for the nodes given, made by yoke itself."""
        nodes = nodes or self.names
        self.nodes[nodes[0]].run('sh', '-c', 'rm -f /etc/yoke/key')
        self.cli(nodes[0], 'key', 'new', '/etc/yoke/key', conf=False)
        key = self.nodes[nodes[0]].run('base64', '/etc/yoke/key').stdout
        for n in nodes[1:]:
            self.nodes[n].run('sh', '-c', 'umask 077; base64 -d >/etc/yoke/key', input=key)

    # ---- daemons ---------------------------------------------------------------------------------

    def log(self, node):
        return '%s/log/%s.yoked' % (self.lab.top, node)

    def daemon_start(self, node):
        self.daemon_runs[node] += 1
        self.nodes[node].spawn(
            'echo 0 >/sys/fs/cgroup/cgroup.procs; exec >>%s 2>&1; %s %s/yoked -c %s -n %s; '
            'echo "yoked ended with exit code $?"' % (self.log(node), shlex.join(self.luns.get(node, [])),
                                                      self.sbin, CONF, node))

    def daemon_pid(self, node):
        pids = self.nodes[node].pids('yoked')
        return min(pids) if pids else None

    def daemon_kill(self, node, number=signal.SIGKILL):
        pid = self.daemon_pid(node)
        if pid is None:
            raise LabError('no yoked runs on ' + node)
        os.kill(pid, number)
        wait_for('yoked of %s ends' % node, lambda: self.daemon_pid(node) != pid, 30)

    def logged(self, node, pattern=None):
        try:
            with open(self.log(node), encoding='utf-8', errors='replace') as f:
                text = f.read()
        except FileNotFoundError:
            text = ''
        return text if pattern is None else re.findall(pattern, text)

    def use_lease(self, guard='lease', **options):
        """A watchdog in each machine, and a quorum disk, whose place corosync's quorum takes where nodes are
        three or more: before start(), and after use_ring()."""
        more = hardware.WATCHDOG
        if not self.ring or len(self.names) == 2:
            self.quorum = hardware.QuorumDisk(self.lab)
            more = hardware.DISK + more
        self.options.update(guard=guard, more=more, **options)

    def use_ring(self, **options):
        """Corosync is the engine: before start(). It is started before yoked, as an init system would."""
        self.ring = Ring(self.lab, **options)
        self.options.update(engine='corosync', nets=('lan', 'lan2'), serial=False)

    def use_luns(self, luns):
        """Block devices that are SCSI disks: {device: Lun}: before start()."""
        words = ' '.join('%s=%s' % (device, lun.path) for device, lun in luns.items())
        for nexus, n in enumerate(self.names):
            self.luns[n] = ['env', 'LD_PRELOAD=' + self.lab.program('lunpath.so'), 'YOKE_LUNS=' + words,
                            'YOKE_NEXUS=%d' % nexus]

    def timing(self, node):
        return json.loads(self.cli(node, 'timing', '--json').stdout)['timing']

    def boot(self, node):
        """Power on, and yoked as an init system would start it."""
        self.nodes[node].power_on()
        if self.ring:
            self.ring.corosync_start(node)
        self.daemon_start(node)

    def start(self):
        for n in self.names:
            self.nodes[n].power_on()
        self.write_conf()
        self.write_key()
        if self.quorum:
            self.cli('db1', 'disk', 'init', 'quorum', input='yes\n')
        if self.ring:
            self.ring.check(self.timing(self.names[0])['settle_ms'])
            self.ring.start()
        for n in self.names:
            self.daemon_start(n)
        self.wait_together()
        if self.ring:
            self.ring.wait_links()
        else:
            self.wait_links()

    # ---- command line ----------------------------------------------------------------------------

    def cli(self, node, *words, check=True, timeout=60, conf=True, **kw):
        argv = self.luns.get(node, []) + [self.yoke] + (['-c', CONF] if conf else []) + list(words)
        return self.nodes[node].run(*argv, check=check, timeout=timeout, **kw)

    def status(self, node):
        """The status as JSON, or None when there is no answer."""
        with contextlib.suppress(LabError, subprocess.TimeoutExpired, ValueError):
            return json.loads(self.cli(node, 'status', '--json', timeout=10).stdout)
        return None

    def status_links(self, node):
        """Every link with its counters."""
        return json.loads(self.cli(node, 'link', '--json').stdout)['links']

    def load(self, text, node='db1'):
        self.cli(node, 'configure', 'load', 'update', '-', input=text)

    def together(self, names=None):
        """Those nodes (without names: all) are members, and no other is, as each of them sees it."""
        names = names or self.names
        for n in names:
            s = self.status(n)
            if not s or any((x['life'] == 'member') != (x['name'] in names) for x in s['nodes']):
                return False
        return True

    def wait_together(self, timeout=30, names=None):
        wait_for(lambda: '%s are members\n%s' % (' '.join(names or self.names), self.describe()),
                 lambda: self.together(names), timeout, 0.05)

    def others(self, *nodes):
        """All nodes but those."""
        return [n for n in self.names if n not in nodes]

    def links(self, node):
        """{link: state}"""
        s = self.status(node)
        return {x['name']: x['state'] for x in s['links']} if s else {}

    def wait_links(self, timeout=15):
        """Every link is up, as all nodes see it."""
        wait_for(lambda: 'all links are up\n' + self.describe(),
                 lambda: all(set(self.links(n).values()) == {'up'} for n in self.names), timeout, 0.05)

    def describe(self):
        out = []
        for n in self.names:
            if self.nodes[n].is_on():
                r = self.cli(n, 'status', check=False, timeout=10)
                out.append('--- %s\n%s%s' % (n, r.stdout, r.stderr))
            else:
                out.append('--- %s is off\n' % n)
        return ''.join(out)

    def where(self, rsc, seen_from=None):
        """Node that the primitive runs on, None when it is stopped, failed or on its way."""
        for n in [seen_from] if seen_from else self.names:
            s = self.nodes[n].is_on() and self.status(n)
            for r in self.primitives(s) if s else []:
                if r['id'] == rsc:
                    fine = r['state'] == 'Started' and not r['pending'] and len(r['nodes']) == 1
                    return r['node'] if fine else None
        return None

    @staticmethod
    def primitives(status):
        for r in status['resources']:
            yield from r.get('members', [r])

    def wait_where(self, rsc, node=None, timeout=30, seen_from=None):
        """Waits until it runs (on node, if given); the node."""
        found = []

        def runs():
            found[:] = [self.where(rsc, seen_from)]
            return found[0] and node in (None, found[0])
        wait_for(lambda: '%s runs%s\n%s' % (rsc, ' on ' + node if node else '', self.describe()), runs,
                 timeout, 0.02)
        return found[0]

    def idle(self):
        """Nothing is pending, as all living nodes see it."""
        for n in self.names:
            if self.nodes[n].is_on():
                s = self.status(n)
                if not s or s['pending'] or any(r['pending'] for r in self.primitives(s)):
                    return False
        return True

    def wait_idle(self, timeout=30):
        wait_for(lambda: 'nothing is pending\n' + self.describe(), self.idle, timeout, 0.05)

    def acts(self, since_ns, resources=None):
        """Starts and stops that began after that moment: ["ACTION RESOURCE on NODE"]."""
        out = []
        with contextlib.suppress(FileNotFoundError), \
                open(self.lab.top + '/witness.log', encoding='utf-8') as f:
            for line in f:
                at, node, rsc, action, what, _ = line.split()
                if int(at) > since_ns and what == 'begin' and action in ('start', 'stop') and \
                        (resources is None or rsc in resources):
                    out.append('%s %s on %s' % (action, rsc, node))
        return out

    def agent_time(self, since_ns, until_ns):
        """Seconds during which an agent was starting or stopping something, within that span."""
        spans, begun = [], {}
        with open(self.lab.top + '/witness.log', encoding='utf-8') as f:
            for line in f:
                at, node, rsc, action, what, _ = line.split()
                if what == 'begin':
                    begun[node, rsc, action] = int(at)
                elif what == 'end' and (node, rsc, action) in begun:
                    spans.append((max(begun.pop((node, rsc, action)), since_ns), min(int(at), until_ns)))
        total, last = 0, since_ns
        for a, b in sorted(spans):
            a = max(a, last)
            if b > a:
                total, last = total + b - a, b
        return total / 1e9


# ---- PostgreSQL ----------------------------------------------------------------------------------

class Database:
    """A database on the shared disk, and a client that writes into it without pause."""
    CONF = '''
listen_addresses = '*'
unix_socket_directories = '/run/postgresql'
shared_buffers = 32MB
# Little to replay after a crash.
checkpoint_timeout = 30s
max_wal_size = 64MB
min_wal_size = 32MB
max_connections = 20
tcp_keepalives_idle = 5
'''

    def __init__(self, lab):
        self.lab = lab
        found = sorted(glob.glob('/usr/lib/postgresql/*/bin/initdb') + glob.glob('/usr/pgsql-*/bin/initdb'),
                       key=lambda p: int(re.search(r'(\d+)', p[5:]).group(1)))
        if not found:
            raise LabError('PostgreSQL is not installed')
        self.bin = os.path.dirname(found[-1])
        self.version = run(self.bin + '/postgres', '--version').stdout.split()[2]
        self.p, self.acked = None, lab.top + '/log/acknowledged'

    def make(self):
        """Makes the database cluster on the disk, with no node in sight."""
        at = self.lab.top + '/mnt'
        os.makedirs(at, exist_ok=True)
        run('mount', self.lab.disk.device, at)
        try:
            pgdata = at + '/pgdata'
            run('install', '-d', '-o', 'postgres', '-m', '700', pgdata)
            owner = ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', '--']
            run(*owner, self.bin + '/initdb', '-D', pgdata, '-A', 'trust', '--wal-segsize=4', '-N', timeout=60)
            with open(pgdata + '/postgresql.conf', 'a', encoding='ascii') as f:
                f.write(self.CONF)
            with open(pgdata + '/pg_hba.conf', 'a', encoding='ascii') as f:
                f.write('host all all 10.77.0.0/24 trust\n')
            run(*owner, self.bin + '/postgres', '--single', '-D', pgdata, 'postgres',
                input='create table rows (n bigint primary key);\n')
        finally:
            run('sync')
            run('umount', at)
        wait_for('the disk is free', lambda: not self.lab.disk.in_use(), 10)

    def crm(self, group='treasury'):
        return '''
primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="%s"
primitive disk ocf:yoke:Filesystem params device=%s directory=%s fstype=ext4 \\
    op start timeout=60s op stop timeout=60s op monitor interval=10s timeout=40s
primitive ip ocf:yoke:ip params ip=%s cidr_netmask=24 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=%s/pgdata bindir=%s \\
    op start timeout=60s op stop timeout=60s op monitor interval=10s timeout=30s
group %s disk ip db
property fencing-action=off
''' % (self.lab.top, ' '.join(self.lab.names), self.lab.disk.device, DATA, ADDRESS, DATA, self.bin, group)

    def client_start(self):
        self.p = subprocess.Popen(
            self.lab.client.enter(self.lab.program('rowclient'), self.acked, 'host=' + ADDRESS,
                                  'user=postgres', 'dbname=postgres', 'sslmode=disable', 'gssencmode=disable'),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True,
            stderr=open(self.lab.top + '/log/client', 'w', encoding='utf-8'))

    def client_stop(self):
        """[acknowledged, tried, connections]"""
        self.p.terminate()
        out = self.p.communicate(timeout=10)[0].split()
        self.p = None
        return [int(x) for x in out]

    def acks(self):
        """[(time in seconds, row number)] so far."""
        out = []
        with contextlib.suppress(FileNotFoundError), open(self.acked, encoding='ascii') as f:
            for line in f:
                words = line.split()
                if len(words) == 2 and line.endswith('\n'):
                    out.append((int(words[1]) / 1e9, int(words[0])))
        return out

    def last_ack(self):
        with contextlib.suppress(OSError), open(self.acked, 'rb') as f:
            f.seek(0, 2)
            f.seek(max(0, f.tell() - 200))
            lines = f.read().split(b'\n')
            if len(lines) >= 2 and lines[-2]:
                return int(lines[-2].split()[1]) / 1e9
        return 0.0

    def wait_commits(self, since, timeout=30):
        """Commits are acknowledged again, after that moment."""
        wait_for('commits go on', lambda: self.last_ack() > since, timeout)

    def outage(self, since, until=None):
        """Longest time without an acknowledged commit that reaches into the span, in seconds."""
        until = until or now()
        worst, last = 0.0, None
        for at, _ in self.acks():
            if last is not None and at > since and last < until:
                worst = max(worst, at - last)
            last = at
        return worst

    def ask(self, sql):
        """The answer, by the service address, a row a line."""
        return run(*self.lab.client.enter(self.bin + '/psql', '-X', '-q', '-A', '-t', '-h', ADDRESS, '-U',
                                          'postgres', '-c', sql, 'postgres'), timeout=60).stdout

    def lost(self):
        """Acknowledged rows that are not in the table."""
        there = set(self.ask('select n from rows').split())
        return [n for _, n in self.acks() if str(n) not in there]

    def kill(self, node):
        """Kills every process of the server, and nothing else. Returns when."""
        pids = node.pids('postgres')
        if not pids:
            raise LabError('no PostgreSQL runs on ' + node.name)
        at = time.monotonic()
        for p in sorted(pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(p, signal.SIGKILL)
        return at
