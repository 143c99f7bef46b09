#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""demo: two nodes, a PostgreSQL on a shared disk, and what happens when something dies.

demo.py BUILD [--json]      run by ./demo, which builds first
Happy path: eight steps told as a timeline, then the checks; exit 0 when they hold. With --json the last
line is one JSON object. Fails: exit 1 with what was expected, and where the logs are.
"""
import json
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hardware  # noqa: E402
import lab as lab_module  # noqa: E402
from lab import LabError, now  # noqa: E402
from pair import ADDRESS, Database, Pair, other  # noqa: E402

DEADTIME, TAKEOVER = '1s', '5s'
TTY = sys.stdout.isatty() and 'NO_COLOR' not in os.environ
SERVICE = ('disk', 'ip', 'db')


class Tale:
    """What is told, with the time since the beginning."""

    def __init__(self):
        self.begun = now()

    @staticmethod
    def paint(text, code):
        return '\033[%sm%s\033[0m' % (code, text) if TTY else text

    def say(self, text):
        print('%7.2f s  %s' % (now() - self.begun, text), flush=True)

    def head(self, text):
        print('\n' + self.paint(text, '1;36'), flush=True)

    def result(self, text, good=True):
        print('%7.2f s  %s' % (now() - self.begun, self.paint(text, '1;32' if good else '1;31')), flush=True)

    def show(self, pair):
        for n in pair.names:
            self.show_one(pair, n)

    @staticmethod
    def show_one(pair, n):
        if not pair.nodes[n].is_on():
            print('           | %s is switched off' % n, flush=True)
            return
        print('           | yoke status, as %s sees it:' % n)
        for line in pair.cli(n, 'status', check=False).stdout.strip().split('\n'):
            print('           |   ' + line)
        print('', end='', flush=True)


def ms(seconds):
    return int(round(seconds * 1000))


class Demo:
    """The pair's; that of three and more is in demo_ring."""
    NODES = 2
    ORDER = ('takeover_ms', 'switchover_ms', 'restart_ms', 'moves_after_rejoin', 'moves_after_network_cut',
             'moves_with_disk_only', 'selffence_ms', 'lease_takeover_ms', 'alone_start_ms',
             'moves_after_late_return', 'acknowledged', 'lost', 'double_active')
    NOTICED = '%s heard nothing on all links for ' + DEADTIME + ', had the power switch confirm that %s is off,'

    def __init__(self, tale, pair, db):
        self.tale, self.pair, self.db, self.result = tale, pair, db, {}

    @staticmethod
    def prepare(pair):
        pair.use_lease('lease, fence', deadtime=DEADTIME, takeover=TAKEOVER)

    def play(self):
        """All of it; whether it held."""
        self.begin()
        self.rejoin(self.takeover())
        self.switchover()
        self.restart()
        self.network_cut()
        self.disk_only()
        self.self_fence()
        self.alone()
        return self.checks()

    def active(self):
        return self.pair.wait_where('db')

    def watch(self, since_ns, seconds):
        """Lets time go by; how many starts and stops of the service there were."""
        time.sleep(seconds)
        self.pair.wait_idle()
        return len(self.pair.acts(since_ns, SERVICE))

    def begin(self):
        t = self.tale
        t.head('Two servers, one database')
        t.say('a shared disk (loop device, ext4) gets the data of PostgreSQL %s' % self.db.version)
        self.db.make()
        t.say('db1 and db2 boot: networks lan and san (veth), serial line com (pty, 115200 baud),')
        t.say('a quorum disk (loop device, 1 MiB), and a watchdog in each: a program outside of the machine')
        t.say('that resets it, which only a demo may believe in (accept-weak-watchdog = yes)')
        self.pair.start()
        t.say('yoked runs on both: they hear each other; deadtime is %s in this demo' % DEADTIME)
        self.pair.load(self.db.crm())
        t.say('configured: group treasury = disk, service address %s, PostgreSQL; a power switch'
              % ADDRESS)
        node = self.active()
        t.result('treasury runs on %s' % node)
        self.db.client_start()
        self.db.wait_commits(0)
        time.sleep(1)
        t.say('a client commits numbered rows through %s without pause: %d in the first second'
              % (ADDRESS, len(self.db.acks())))
        t.show(self.pair)

    def heir(self, node):
        """Waits until another node than that serves; which."""
        seen_from = self.pair.others(node)[0]
        lab_module.wait_for('the services of %s are taken over' % node,
                            lambda: self.pair.where('db', seen_from) not in (None, node), 60, 0.02)
        return self.pair.wait_where('db', seen_from=seen_from)

    def takeover(self):
        t, node = self.tale, self.active()
        t.head('1. The active server dies: power cut of %s' % node)
        at = self.pair.nodes[node].power_off()
        t.say('every process of %s was killed at once, its network is dead' % node)
        heir = self.heir(node)
        self.db.wait_commits(at + 0.05)
        time.sleep(0.5)
        gap = self.db.outage(at - 0.05)
        self.result['takeover_ms'] = ms(gap)
        t.say(self.NOTICED % (heir, node))
        t.say('then mounted the disk, took the address and let PostgreSQL recover')
        t.result('the client could not commit for %d ms' % ms(gap))
        t.show(self.pair)
        return node

    def rejoin(self, dead):
        t = self.tale
        t.head('2. %s comes back' % dead)
        mark = time.monotonic_ns()
        self.pair.boot(dead)
        self.pair.wait_together()
        moves = self.watch(mark, 3)
        self.result['moves_after_rejoin'] = moves
        t.result('%s is a member again, and nothing moved (%d starts or stops in 3 s)' % (dead, moves),
                 moves == 0)
        t.show(self.pair)

    def switchover(self):
        t, node = self.tale, self.active()
        to = self.pair.others(node)[0]
        t.head('3. Planned switchover: yoke resource move treasury %s' % to)
        at = now()
        self.pair.cli(node, 'resource', 'move', 'treasury', to, '--wait')
        self.pair.wait_where('db', to)
        self.db.wait_commits(now())
        time.sleep(0.5)
        self.result['switchover_ms'] = ms(self.db.outage(at))
        t.result('treasury runs on %s; the client could not commit for %d ms'
                 % (to, self.result['switchover_ms']))

    def restart(self):
        t, node = self.tale, self.active()
        t.head('4. PostgreSQL alone dies on %s: kill -9' % node)
        mark = time.monotonic_ns()
        at = self.db.kill(self.pair.nodes[node])
        self.db.wait_commits(at + 0.05, 60)
        self.pair.wait_where('db', timeout=60)
        time.sleep(0.5)
        self.result['restart_ms'] = ms(self.db.outage(at - 0.05))
        stayed = not any(n in a for n in self.pair.others(node) for a in self.pair.acts(mark, SERVICE))
        t.say('the kernel told yoked at once that its processes were gone: no waiting for a monitor')
        t.result('it was restarted on %s; the client could not commit for %d ms'
                 % (node if stayed else 'another node', self.result['restart_ms']), stayed)
        if not stayed:
            raise LabError('PostgreSQL was not restarted where it ran')

    def network_cut(self):
        t, node = self.tale, self.active()
        t.head('5. Both networks between the servers are cut; clients reach both')
        mark, at = time.monotonic_ns(), now()
        for n in self.pair.names:
            self.pair.nodes[n].cut()
        moves = self.watch(mark, 4)
        states = {x['name']: x['state'] for x in self.pair.status(node)['links']}
        t.say('links as %s sees them: %s' % (node, ', '.join('%s %s' % kv for kv in states.items())))
        moves += len(self.pair.acts(mark, SERVICE)) - moves
        self.result['moves_after_network_cut'] = moves
        t.show(self.pair)
        together = self.pair.together()
        for n in self.pair.names:
            self.pair.nodes[n].cut(False)
        t.result('the serial line and the disk hold the pair together, and nothing moved (%d starts or stops); '
                 'longest pause of the client: %d ms' % (moves, ms(self.db.outage(at))), moves == 0)
        self.pair.wait_links()
        if not together or states.get('com') != 'up' or 'up' in (states.get('lan'), states.get('san')):
            raise LabError('the pair should be held together without the networks: %s' % states)

    def disk_only(self):
        t, node = self.tale, self.active()
        t.head('6. All links but the quorum disk are cut: both networks and the serial cable')
        self.pair.cli(node, 'configure', 'delete', 'power')
        t.say('from here on there is no power switch any more: only leases prove that a server is stopped')
        mark, at = time.monotonic_ns(), now()
        hardware.all_cut(self.pair)
        moves = self.watch(mark, 6)
        states = self.pair.links(node)
        t.say('links as %s sees them: %s' % (node, ', '.join('%s %s' % kv for kv in states.items())))
        together = self.pair.together()
        self.result['moves_with_disk_only'] = moves
        hardware.all_cut(self.pair, False)
        t.result('the disk holds the pair together and renews the lease of %s: nothing moved (%d starts or '
                 'stops); longest pause of the client: %d ms' % (node, moves, ms(self.db.outage(at))), moves == 0)
        if not together or states.pop('quorum', '') != 'up' or 'up' in states.values():
            raise LabError('the pair should be held together by the disk alone: %s' % states)
        self.pair.wait_links()

    def ended(self, node, since):
        """When the last of the service ended on that node, by a stop or by the node's death; 0: not yet."""
        spans = [x for rsc, seen in lab_module.activity(self.pair.lab.top).items() if rsc in SERVICE
                 for x in seen if x[2] == node]
        last = max([b for _, b, _ in spans if b] or [0]) / 1e9
        return last if last > since and all(b for _, b, _ in spans) else 0

    def self_fence(self):
        t, node = self.tale, self.active()
        heir, machine = other(node), self.pair.nodes[node]
        t.head('7. %s, which runs the services, loses all links and the quorum disk' % node)
        bound = self.pair.timing(node)
        resets, at = len(machine.resets), hardware.all_cut(self.pair, disk_of=node)
        t.say('nobody confirms its lease of %d ms any more: it must stop its services before that is over,'
              % bound['lease_ms'])
        t.say('or reset itself, and if it cannot even do that, its watchdog resets it %d ms later'
              % bound['watchdog_ms'])
        over = lab_module.wait_for('the services of %s end' % node, lambda: self.ended(node, at), 30)
        self.result['selffence_ms'] = ms(over - at)
        t.say('%d ms after the cut %s' % (ms(over - at), node + ' had reset itself' if machine.resets[resets:]
                                          else 'all services of %s were stopped, all by itself' % node))
        self.pair.wait_where('db', heir, 60, seen_from=heir)
        self.db.wait_commits(over)
        time.sleep(0.5)
        gap = self.db.outage(at)
        self.result['lease_takeover_ms'] = ms(gap)
        t.say('%s counted %d ms by its own clock: by then %s is stopped, whatever became of it'
              % (heir, bound['lease_dead_ms'], node))
        t.result('then it took over; the client could not commit for %d ms' % ms(gap))
        t.show_one(self.pair, heir)
        hardware.all_cut(self.pair, False, disk_of=node)
        if machine.is_on():
            lab_module.wait_for('%s starts anew' % node, lambda: machine.resets[resets:], 30)
            t.say('the links are whole again: %s learns that it was taken over, and resets itself' % node)
        self.pair.boot(node)
        self.pair.wait_together()
        self.pair.wait_idle()
        t.result('%s is a member again' % node)

    def alone(self):
        t, late = self.tale, self.active()
        first = other(late)
        t.head('8. Both servers lose power at once; only %s is switched on again, which ran nothing' % first)
        self.pair.wait_links()
        self.pair.lab.off()
        at = now()
        self.pair.boot(first)
        t.say('%s hears nobody; it reads on the quorum disk that %s ran the services, and how long its lease is'
              % (first, late))
        self.pair.wait_where('db', first, 60)
        self.db.wait_commits(at)
        self.result['alone_start_ms'] = ms(self.db.last_ack() - at)
        t.result('the record did not change, the lease is over: %s started the services alone, the client '
                 'commits again %d ms after power came back' % (first, self.result['alone_start_ms']))
        mark = time.monotonic_ns()
        self.pair.boot(late)
        self.pair.wait_together()
        moves = self.watch(mark, 2)
        self.result['moves_after_late_return'] = moves
        t.result('%s comes late: it is a member again, and nothing moved (%d starts or stops)' % (late, moves),
                 moves == 0)
        t.show(self.pair)

    def checks(self):
        t = self.tale
        t.head('The checks')
        acknowledged, tried, connections = self.db.client_stop()
        lost = self.db.lost()
        double = lab_module.doubly_active(self.pair.lab.top)
        self.result.update(acknowledged=acknowledged, lost=len(lost), double_active=len(double))
        t.result('%d commits acknowledged (%d tried, %d connections), %d of them lost'
                 % (acknowledged, tried, connections, len(lost)), not lost)
        t.result('resources that ran on %s nodes at any moment: %s'
                 % ('both' if self.NODES == 2 else 'two', ', '.join(double) or 'none'), not double)
        t.say('(a namespace is killed here, not a power supply: the page cache survives, so this proves '
              'the order of things, not the disk)')
        good = not lost and not double and acknowledged > 0
        return good and all(self.result[key] == 0 for key in self.ORDER if key.startswith('moves_'))


def keep_logs(top):
    to = os.path.join(os.environ.get('TMPDIR', '/tmp'), 'yoke-demo-logs.%d' % os.getuid())
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(top + '/log', to)
    for name in ('witness.log',):
        if os.path.exists(top + '/' + name):
            shutil.copy(top + '/' + name, to)
    return to


def tell(build, as_json, kind):
    def body(top, cgroup):
        tale = Tale()
        lab = lab_module.Lab(top, cgroup, build, nodes=kind.NODES)
        pair = Pair(lab)
        kind.prepare(pair)
        demo = kind(tale, pair, Database(lab))
        try:
            good = demo.play()
        except (LabError, subprocess.TimeoutExpired) as e:
            tale.result('FAILED: %s' % e, False)
            print('logs: %s' % keep_logs(top))
            return 1
        lab.close()
        tale.result('all of it held' if good else 'NOT all of it held', good)
        if as_json:
            print(json.dumps({k: demo.result[k] for k in kind.ORDER}, separators=(',', ':')))
        return 0 if good else 1
    return body


if __name__ == '__main__':
    sys.exit(lab_module.enter(tell(sys.argv[1], '--json' in sys.argv[2:], Demo)))
