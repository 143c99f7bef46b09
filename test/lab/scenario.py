# SPDX-License-Identifier: GPL-2.0-or-later
"""scenario: what is done to the lab's servers, step by step, as written in the file `scenarios`.

A scenario begins with both servers up and together and the service on one of them, the owner; the
other is "idle". Its steps are lines of that file; each is a method step_WORD of Scenario here, whose text
says what it takes. Happy path: Scenario(stage, section).play() gives a row of the table.
Fails: LabError with what was expected, which makes the row "FAILED" with the reason.
"""
import json
import os
import re
import socket
import threading

from lab import LabError, now, wait_for
from machine import BLOCK, NODES, WRITER_AT, number

ADDRESS, PORT = '10.9.1.100', 7000
ASK_S = 0.02          # the client asks so often
TOGETHER_S, RUNS_S, SETTLE_S = 90, 90, 1.0
QUIET_S = 1.0         # a busy machine without hardware virtualisation lets an answer wait so long
DOUBLE_S = 1.0        # nobody can take a service over and give it back in so short a time
CONF = '''[cluster]
name = lab
deadtime = %(deadtime)s
takeover = %(takeover)s
[node db1]
id = 1
[node db2]
id = 2
[link link1]
type = udp
db1 = 10.9.1.1
db2 = 10.9.1.2
[link link2]
type = udp
db1 = 10.9.2.1
db2 = 10.9.2.2
[link com]
type = serial
db1 = /dev/ttyS1
db2 = /dev/ttyS1
%(disk)s[guard]
use = %(guard)s
on-fenced = reset
[watchdog]
device = /dev/watchdog0
accept-weak-watchdog = yes
[security]
keyfile = /etc/yoke/key
'''
DISK = '[disk quorum]\ndevice = %s\n'  # where a lease needs it: else it would hold the pair together
CRM = '''primitive disk ocf:yoke:Filesystem params device=%(data)s-part1 directory=/data fstype=ext4 op monitor interval=20s timeout=40s
primitive writer ocf:lab:writer params device=%(data)s-part2 op monitor interval=20s timeout=20s
primitive ip ocf:yoke:ip params ip=10.9.1.100 cidr_netmask=24 op monitor interval=20s timeout=20s
group svc disk writer ip
'''
POWER = '''primitive power-db%(n)d stonith:fence_ipmilan params ip=10.9.0.1%(n)d username=admin password=lab lanplus=1 cipher=3 pcmk_host_list=db%(n)d
'''


def other(node):
    return NODES[1 - NODES.index(node)]


def seconds(text):
    """3s, 1500ms or 2min as a float of seconds."""
    m = re.fullmatch(r'([0-9.]+)(ms|s|min)', text)
    if not m:
        raise LabError('"%s" is no time' % text)
    return float(m[1]) * {'ms': 0.001, 's': 1, 'min': 60}[m[2]]


class Client(threading.Thread):
    """Asks the service address all the time; (time, node) of each answer."""

    def __init__(self):
        super().__init__(daemon=True)
        self.answers = []
        self.start()

    def run(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(ASK_S)
        while True:
            begun = now()
            try:
                s.sendto(b'?', (ADDRESS, PORT))
                while True:
                    data = s.recv(64).decode().split()
                    self.answers.append((now(), data[-1]))
                    s.settimeout(max(0.001, ASK_S - (now() - begun)))
            except OSError:
                pass
            rest = ASK_S - (now() - begun)
            if rest > 0:
                threading.Event().wait(rest)
            s.settimeout(ASK_S)

    def last(self):
        """Who answers now, None: nobody in the last half second."""
        t, node = self.answers[-1] if self.answers else (0, None)
        return node if now() - t < 0.5 else None

    def outage(self, mark):
        """The longest time without an answer since then, in seconds."""
        times = [mark] + [t for t, _ in list(self.answers) if t > mark]
        return max(b - a for a, b in zip(times, times[1:] + [now()]))


class Witness(threading.Thread):
    """Looks at the data disk from behind the array: (time, node) of each block that a node wrote."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.fd, self.writes = os.open(path, os.O_RDONLY), []
        self.start()

    def run(self):
        seen = {n: self.block(n) for n in NODES}
        while True:
            for n in NODES:
                b = self.block(n)
                if b != seen[n]:
                    seen[n] = b
                    self.writes.append((now(), n))
            threading.Event().wait(0.01)

    def block(self, node):
        return os.pread(self.fd, 64, WRITER_AT + BLOCK * number(node))

    def double(self, mark):
        """Writes of one node among those of the other, closer together than a service can move."""
        found, runs = [], []
        for t, n in [w for w in list(self.writes) if w[0] >= mark]:
            if runs and runs[-1][0] == n:
                runs[-1][2] = t
            else:
                runs.append([n, t, t])
        for before, between, after in zip(runs, runs[1:], runs[2:]):
            if after[1] - before[2] < DOUBLE_S:
                found.append('%s wrote among the writes of %s' % (between[0], before[0]))
        return found


class Stage:
    """What scenarios have in common: the room, yoke in both servers, client and witness."""

    def __init__(self, room, say):
        self.room, self.say = room, say
        self.client, self.witness = Client(), Witness(room.top + '/data.img')
        self.guard, self.boots, self.prepared = None, {}, False
        self.quorum = self.data = None
        self.times, self.marked = '', {}

    def node(self, name):
        return self.room.node(name)

    def status(self, node, timeout=20):
        r = self.node(node).run('yoke status --json', check=False, timeout=timeout)
        try:
            return json.loads(r.stdout)
        except ValueError:
            return None

    def together(self, node):
        s = self.status(node)
        return s if s and s.get('ok') and all(n['life'] == 'member' for n in s['nodes']) else None

    def disks_find(self):
        """Names that both servers have for the two logical units."""
        def name(letter):
            found = self.node('db1').run('ls -l /dev/disk/by-id/').stdout
            m = re.search(r'(wwn-\S+) -> ../../sd%s\n' % letter, found)
            if not m:
                raise LabError('no name of sd%s in /dev/disk/by-id:\n%s' % (letter, found))
            return '/dev/disk/by-id/' + m[1]
        self.quorum, self.data = name('a'), name('b')

    def configure(self, guard, deadtime, takeover):
        """yoke on both, as the scenario wants it; nothing is done if it is so already."""
        if self.guard == (guard, deadtime, takeover):
            return
        if not self.quorum:
            self.disks_find()
        self.say('configuring guard %s, deadtime %s' % (guard, deadtime))
        disk = DISK % self.quorum if 'lease' in guard else ''
        conf = CONF % {'guard': guard, 'deadtime': deadtime, 'takeover': takeover, 'disk': disk}
        first = self.guard is None
        for n in NODES:
            if not first:
                self.node(n).run('yoke --wait resource stop svc; systemctl stop yoked', check=False, timeout=120)
        for n in NODES:
            self.node(n).run('mkdir -p /etc/yoke && cat >/etc/yoke/yoke.conf', input=conf)
        if first:
            self.node('db1').run('yoke key new /etc/yoke/key')
            key = self.node('db1').run('base64 /etc/yoke/key').stdout
            self.node('db2').run('umask 077; base64 -d >/etc/yoke/key', input=key)
            for n in NODES:
                self.node(n).run('systemctl enable -q yoked')
        if disk and not self.prepared:
            self.node('db1').run('yoke disk init quorum', input='yes\n')
            self.prepared = True
        for n in NODES:
            self.node(n).run('systemctl start yoked', timeout=120)
        for n in NODES:
            wait_for('%s is together with its peer' % n, lambda n=n: self.together(n), TOGETHER_S, 1)
        crm = CRM % {'data': self.data}
        if 'fence' in guard:
            crm += ''.join(POWER % {'n': number(n)} for n in NODES)
        self.node('db1').run('cat >/tmp/crm; yoke configure load replace /tmp/crm && yoke resource start svc', input=crm)
        self.times = self.node('db1').run('yoke timing').stdout
        self.guard = (guard, deadtime, takeover)

    def ready(self):
        """Both up and together, all cables whole, the service answering: its owner."""
        for link in ('link1', 'link2', 'serial', 'array', 'boards'):
            self.room.link(link, True)
        for n in NODES:
            m = self.node(n)
            m.let_go()
            if m.is_on():
                for i in range(4):
                    self.room.plug(n, 'eth%d' % i, True)
        for n in NODES:
            m = self.node(n)
            if m.is_on() and m.run('true', check=False, timeout=15).returncode:
                m.reset()
            if not m.is_on() or m.since(0, 'shutdown')[-1:] > m.since(0, 'on')[-1:]:
                m.kill()
                m.boot()
        for n in NODES:
            m = self.node(n)
            if m.readies() > m.seen or m.run('true', check=False, timeout=15).returncode:
                m.wait_up()

    def settle(self):
        for n in NODES:
            wait_for('%s is together with its peer' % n, lambda n=n: self.together(n), TOGETHER_S, 1)
        return self.settled_owner()

    def settled_owner(self):
        wait_for('the service answers', self.client.last, RUNS_S, 0.1)
        for n in NODES:
            wait_for('all links of %s' % n, lambda n=n: self.links_up(n), 60, 1)
        threading.Event().wait(SETTLE_S)
        return wait_for('the service answers', self.client.last, RUNS_S, 0.1)

    def links_up(self, node):
        s = self.status(node)
        return s and s.get('ok') and all(x['state'] == 'up' for x in s['links'])

    def timing(self, name):
        """A figure of `yoke timing`, in seconds."""
        m = re.search(r'^\s*%s\s+(\S+)' % re.escape(name), self.times, re.M)
        if not m:
            raise LabError('yoke timing tells no %s' % name)
        return seconds(m[1])

    def proof(self, node):
        """The proof by which this node last called its peer stopped, from its console."""
        with open(self.node(node).console, encoding='utf-8', errors='replace') as f:
            said = f.read()[self.marked[node]:]
        found = re.findall(r'known to be stopped \(proof: ([^)]*)\)', said)
        found += ['reservation'] * len(re.findall(r'reservation of disk \S+ preempted', said))
        return found[0] if found else '-'

    def mark_logs(self):
        self.marked = {n: os.path.getsize(self.node(n).console) for n in NODES}


class Scenario:
    def __init__(self, stage, name, section):
        self.stage, self.name, self.section = stage, name, section
        self.guard = section.get('guard', 'lease')
        self.lines = [x.split() for x in section['steps'].strip().split('\n')]
        for words in self.lines:
            if not hasattr(self, 'step_' + words[0].replace('-', '_')):
                raise LabError('%s: there is no step "%s"' % (name, words[0]))
        self.owner = self.mark = self.proof = None
        self.notes = []

    def play(self):
        """The row of the table: a dict."""
        stage = self.stage
        row = {'scenario': self.name, 'before': '-', 'after': '-', 'outage': '-', 'proof': '-', 'verdict': 'FAILED'}
        try:
            stage.ready()
            stage.configure(self.guard, self.section.get('deadtime', '3s'), self.section.get('takeover', '20s'))
            self.owner = row['before'] = stage.settle()
            stage.mark_logs()
            self.mark = now()
            for words in self.lines:
                stage.say('  ' + ' '.join(words))
                getattr(self, 'step_' + words[0].replace('-', '_'))(*words[1:])
            row['verdict'] = 'ok'
        except LabError as e:
            row['why'] = '%s' % e
        if self.mark:
            double = stage.witness.double(self.mark)
            if double:
                row.update(verdict='FAILED', why='ran on both: %s' % double[0])
            row['after'] = stage.client.last() or 'nobody'
            row['outage'] = '%.1f s' % stage.client.outage(self.mark)
            row['proof'] = self.proof or '-'
        row['notes'] = '; '.join(self.notes)
        return row

    def who(self, word):
        return {'owner': self.owner, 'idle': other(self.owner)}.get(word, word)

    def machine(self, word):
        return self.stage.node(self.who(word))

    def link(self, word):
        return re.sub(r'(owner|idle)$', lambda m: self.who(m[1]), word)

    # ---- what is done ----

    def step_kill(self, *words):
        """NODE...: their power cords, all at once"""
        for w in words:
            self.machine(w).kill()

    def step_boot(self, word):
        """NODE: the power cord in again; waits until it takes commands"""
        self.machine(word).boot()
        self.machine(word).wait_up()

    def step_reset(self, word):
        """NODE: its reset button"""
        self.machine(word).reset()

    def step_panic(self, word):
        """NODE: a kernel panic, in which it hangs"""
        self.machine(word).run('sleep 0.2; echo c >/proc/sysrq-trigger', check=False, timeout=4)

    def step_freeze(self, word):
        """NODE: hangs; its clocks run on"""
        self.machine(word).freeze()

    def step_pause(self, word):
        """NODE: a virtual server that is suspended: its clocks and watchdog stop too"""
        self.machine(word).pause()

    def step_thaw(self, word):
        """NODE: ends freeze and pause"""
        self.machine(word).let_go()

    def step_cut(self, *links):
        """LINK...: link1 link2 serial disk-NODE array boards; nobody is told"""
        for x in links:
            self.stage.room.link(self.link(x), False)

    def step_join(self, *links):
        """LINK...: as they were"""
        for x in links:
            self.stage.room.link(self.link(x), True)

    def step_unplug(self, word, card_name):
        """NODE CARD: a cable out, with its carrier"""
        self.stage.room.plug(self.who(word), card_name, False)

    def step_plug(self, word, card_name):
        """NODE CARD: in again"""
        self.stage.room.plug(self.who(word), card_name, True)

    def named(self, command):
        text = ' '.join(command).replace('OWNER', self.owner).replace('IDLE', other(self.owner))
        return text.replace('DATA', str(self.stage.data)).replace('QUORUM', str(self.stage.quorum))

    def step_on(self, word, *command):
        """NODE COMMAND...: must succeed there; OWNER and IDLE in it are their names"""
        self.machine(word).run(self.named(command), timeout=120)

    def step_last(self, word, *command):
        """NODE COMMAND...: may end the connection"""
        self.machine(word).run(self.named(command), check=False, timeout=20)

    # ---- what is waited for, and what must be so ----

    def step_answers(self, word, limit):
        """NODE TIME: within it the service answers from there"""
        wait_for('the service answers from ' + self.who(word), lambda: self.stage.client.last() == self.who(word),
                 seconds(limit), 0.05)

    def step_silent(self, limit):
        """TIME: within it the service answers no more"""
        wait_for('the service falls silent', lambda: self.stage.client.last() is None, seconds(limit), 0.05)

    def step_nobody(self, time):
        """TIME: so long nobody answers"""
        end = now() + seconds(time)
        while now() < end:
            if self.stage.client.last():
                raise LabError('%s answers, nobody should' % self.stage.client.last())
            threading.Event().wait(0.1)

    def step_down(self, word, limit):
        """NODE TIME: within it the machine resets, or switches itself off"""
        m = self.machine(word)
        t = wait_for('%s resets' % m.name, lambda: m.since(self.mark, 'reset', 'shutdown', 'off'), seconds(limit), 0.05)
        word = 'by its watchdog' if m.since(self.mark, 'watchdog') else 'by itself'
        self.notes.append('%s reset %s after %.1f s' % (m.name, word, t[0] - self.mark))

    def step_up(self, word):
        """NODE: it has booted and takes commands"""
        self.machine(word).wait_up()

    def step_together(self):
        """both are members again, and the service answers"""
        for n in NODES:
            wait_for('%s is together with its peer' % n, lambda n=n: self.stage.together(n), TOGETHER_S, 1)
        wait_for('the service answers', self.stage.client.last, RUNS_S, 0.1)

    def step_quiet(self, time):
        """TIME: so long the service goes on answering from where it is, and no machine resets"""
        begun, there = now(), self.stage.client.last()
        threading.Event().wait(seconds(time))
        gap = self.stage.client.outage(begun)
        if gap > QUIET_S:
            raise LabError('the service was silent for %.1f s' % gap)
        moved = {n for t, n in list(self.stage.client.answers) if t > begun} - {there}
        if moved:
            raise LabError('the service answered from %s' % ', '.join(sorted(moved)))
        for n in NODES:
            if self.stage.node(n).since(begun, 'reset', 'shutdown', 'off'):
                raise LabError('%s was reset' % n)

    def step_proof(self, word, *proofs):
        """NODE PROOF...: one of them is what it says by which it took over"""
        self.proof = self.stage.proof(self.who(word))
        if self.proof not in proofs:
            raise LabError('the proof is "%s", not %s' % (self.proof, ' or '.join(proofs)))

    def step_outage(self, least, most):
        """LEAST MOST: bounds of the client's outage; a word is that figure of yoke timing"""
        gap = self.stage.client.outage(self.mark)
        low, high = [seconds(x) if x[0].isdigit() else self.stage.timing(x) for x in (least, most)]
        if not low <= gap <= high:
            raise LabError('the outage was %.1f s, not %.1f to %.1f' % (gap, low, high))

    def step_says(self, word, *text):
        """NODE TEXT: its journal has said that since the scenario began"""
        with open(self.machine(word).console, encoding='utf-8', errors='replace') as f:
            said = f.read()[self.stage.marked[self.who(word)]:]
        wanted = ' '.join(text).replace('OWNER', self.owner).replace('IDLE', other(self.owner))
        if wanted not in said:
            raise LabError('%s did not say "%s"' % (self.who(word), wanted))

    def step_mark(self):
        """outages and resets count from here on; who answers is the owner"""
        self.owner = wait_for('the service answers', self.stage.client.last, RUNS_S, 0.1)
        self.mark = now()
