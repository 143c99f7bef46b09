# SPDX-License-Identifier: GPL-2.0-or-later
"""ring: a real corosync on each machine of a lab: its configuration, its life, and what it believes.

Each machine has /run, /dev/shm, /etc and /var of its own (nodeboot), so nothing of one corosync is
seen by another. Happy path: Ring(lab), start() on machines that are switched on, then parting,
killing, freezing, and wait_members(...). Every wait has an end. Fails: LabError, with what the
corosyncs say of themselves.
"""
import os
import re
import signal
import subprocess

from lab import LabError, NETS, wait_for

CONF = '/etc/corosync/corosync.conf'
# Both run as soon as it answers; sooner they fail, and that is no news.
QUORUM, LINKS = ('corosync-quorumtool', '-s'), ('corosync-cfgtool', '-s')


class Ring:
    """Times in ms. A member that dies is missed after token, and shut out within consensus after that.

    Active links: all carry all. With passive ones (corosync's default) a link that is lost within its first
    8 s or so breaks the ring, however many others there are: as long as it is young, knet gives it up to ten
    times its pong timeout (half a token)."""

    def __init__(self, lab, token=600, consensus=720, join=50, key=False, link_mode='active'):
        self.lab, self.names = lab, lab.names
        self.times = {'token': token, 'consensus': consensus, 'join': join}
        self.keyfile = lab.top + '/corosync.key'
        self.key, self.link_mode = key, link_mode
        if key:
            with open(self.keyfile, 'wb', opener=lambda path, flags: os.open(path, flags, 0o400)) as f:
                f.write(os.urandom(256))

    def bound(self):
        """Seconds within which a change of members is surely seen, also by a busy machine."""
        return 10 + 5 * (self.times['token'] + self.times['consensus']) / 1e3

    def check(self, settle_ms):
        """yoke gives up a silent node no sooner than it believes corosync has: that must be so."""
        if self.times['token'] + self.times['consensus'] > settle_ms:
            raise LabError('the ring %r settles later than yoke expects, %d ms' % (self.times, settle_ms))

    # ---- configuration ---------------------------------------------------------------------------

    def conf(self):
        text = ['totem {', 'version: 2', 'cluster_name: lab', 'transport: knet', 'token_coefficient: 0',
                'link_mode: ' + self.link_mode]
        text += ['%s: %d' % x for x in self.times.items()]
        text += ['crypto_cipher: ' + ('aes256' if self.key else 'none')]
        text += ['crypto_hash: ' + ('sha256' if self.key else 'none')]
        text += ['keyfile: ' + self.keyfile] if self.key else []
        text += ['}', 'nodelist {']
        for i, name in enumerate(self.names):
            text += ['node {', 'name: ' + name, 'nodeid: %d' % (i + 1)]
            text += ['ring%d_addr: %s.%d' % (link, net, i + 1) for link, net in enumerate(NETS)]
            text.append('}')
        text += ['}', 'quorum {', 'provider: corosync_votequorum'] + (['two_node: 1'] if len(self.names) == 2 else [])
        # The machine's own cgroups and its real time are not for a corosync of a test.
        text += ['}', 'system {', 'move_to_cgroup: no',
                 'sched_rr: no', '}', 'logging {', 'to_stderr: yes', 'to_logfile: no', 'to_syslog: no',
                 'timestamp: hires', '}']
        return '\n'.join(text) + '\n'

    def write_conf(self, names=None, text=None):
        for n in names or self.names:
            self.lab.nodes[n].run('mkdir', '-p', '/etc/corosync', '/var/lib/corosync', '/var/log/corosync')
            self.lab.nodes[n].run('tee', CONF, input=text or self.conf())

    # ---- life ------------------------------------------------------------------------------------

    def start(self):
        """On all machines, configured anew; until all are members with quorum."""
        self.write_conf()
        for n in self.names:
            self.corosync_start(n)
        self.wait_members(self.names)

    def corosync_start(self, node, timeout=20):
        """Until it answers: who comes after it may connect to it, as after an init system's unit."""
        self.lab.nodes[node].spawn(
            'echo 0 >/sys/fs/cgroup/cgroup.procs; exec >>%s 2>&1; corosync -f; '
            'echo "corosync ended with exit code $?"' % self.log(node))
        wait_for(lambda: 'corosync of %s answers\n%s' % (node, self.logged(node)[-2000:]),
                 lambda: self.corosync_members(node), timeout, 0.05)

    def corosync_stop(self, node, timeout=20):
        """As its unit stops it: it says goodbye."""
        self.lab.nodes[node].run('corosync-cfgtool', '-H', '--force', timeout=timeout)
        self.wait_gone(node, timeout)

    def corosync_kill(self, node, timeout=10):
        self.signal(node, signal.SIGKILL)
        self.wait_gone(node, timeout)

    def corosync_freeze(self, node):
        self.signal(node, signal.SIGSTOP)

    def corosync_thaw(self, node):
        self.signal(node, signal.SIGCONT)

    def signal(self, node, number):
        pids = self.lab.nodes[node].pids('corosync')
        if not pids:
            raise LabError('no corosync runs on ' + node)
        for pid in pids:
            os.kill(pid, number)

    def wait_gone(self, node, timeout):
        wait_for('corosync of %s ends' % node, lambda: not self.lab.nodes[node].pids('corosync'), timeout)

    # ---- what it believes ------------------------------------------------------------------------

    def log(self, node):
        return '%s/log/%s.corosync' % (self.lab.top, node)

    def logged(self, node):
        try:
            with open(self.log(node), encoding='utf-8', errors='replace') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def ask(self, node, argv):
        """What the tool says, '' when corosync is not there or does not answer."""
        if not self.lab.nodes[node].is_on():
            return ''
        try:
            # The tools' exit codes tell of quorum and faults as well: what counts is what they print.
            return self.lab.nodes[node].run(*argv, check=False, timeout=3).stdout
        except LabError:
            return ''  # switched off meanwhile

    def corosync_members(self, node):
        """(quorate, names), as that node sees it; None when it does not answer."""
        said = self.ask(node, QUORUM)
        quorate = re.search(r'^Quorate:\s+(Yes|No)', said, re.M)
        if not quorate or 'Membership information' not in said:
            return None
        ids = re.findall(r'^\s*(\d+)\s+\d+\s+\S', said.split('Membership information')[1], re.M)
        return quorate.group(1) == 'Yes', tuple(self.names[int(i) - 1] for i in sorted(ids, key=int))

    def memberships(self, node):
        """How many it has seen come into being."""
        return self.logged(node).count('A new membership')

    def links(self, node):
        """[whether the node hears the others on that link], a link each; [] when it does not answer."""
        said = self.ask(node, LINKS)
        return ['disconnected' not in part for part in said.split('LINK ID')[1:]]

    def wait_members(self, names, quorate=True, timeout=None):
        """Until each of those sees those, and no others, with or without quorum."""
        wanted = (quorate, tuple(n for n in self.names if n in names))
        for n in names:
            wait_for(lambda n=n: '%s should see %r\n%s' % (n, wanted, self.describe()),
                     lambda n=n: self.corosync_members(n) == wanted, timeout or self.bound(), 0.05)

    def wait_links(self, timeout=20):
        """Every link is up, as all see it."""
        wait_for(lambda: 'all links of corosync are up\n' + self.describe(),
                 lambda: all(self.links(n) == [True] * len(NETS) for n in self.names), timeout, 0.05)

    def describe(self):
        return ''.join('--- corosync of %s: %r, links %r\n%s\n' % (
            n, self.corosync_members(n), self.links(n), self.logged(n)[-600:]) for n in self.names)
