#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""demo_ring: three nodes or more with corosync as the engine, a PostgreSQL on a shared disk, and what happens
when something dies or is parted.

demo_ring.py BUILD NODES [--json]      run by ./demo --engine corosync
Happy path: seven steps told as a timeline, then the checks; exit 0 when they hold. With --json the last
line is one JSON object. Fails: exit 1 with what was expected, and where the logs are.
"""
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lab as lab_module  # noqa: E402
from demo import SERVICE, Demo, ms, tell  # noqa: E402
from lab import LabError, now  # noqa: E402
from pair import ADDRESS  # noqa: E402

# Its silence is longer than the ring takes to settle: Pair.start looks at that.
DEADTIME, TAKEOVER = '2s', '8s'


class RingDemo(Demo):
    """NODES is set from the command line."""
    ORDER = ('nodes', 'takeover_ms', 'switchover_ms', 'restart_ms', 'moves_after_rejoin', 'moves_after_idle_parted',
             'part_takeover_ms', 'moves_after_part', 'moves_after_coordinator_lost', 'acknowledged', 'lost',
             'double_active')
    NOTICED = '%s and its peers went on with a new membership, had the power switch confirm that %s is off,'

    @staticmethod
    def prepare(pair):
        pair.use_ring()
        pair.use_lease('lease, fence', deadtime=DEADTIME, takeover=TAKEOVER)

    def play(self):
        self.result['nodes'] = self.NODES
        self.begin()
        self.to_coordinator()
        self.rejoin(self.takeover())
        self.switchover()
        self.restart()
        self.part_idle()
        self.part_owner()
        self.coordinator_lost()
        return self.checks()

    def begin(self):
        t, pair = self.tale, self.pair
        t.head('%d servers, one database, corosync' % self.NODES)
        t.say('a shared disk (loop device, ext4) gets the data of PostgreSQL %s' % self.db.version)
        self.db.make()
        t.say('%s boot: networks lan and lan2 (veth), and a watchdog in each: a program outside of the'
              % ', '.join(pair.names))
        t.say('machine that resets it, which only a demo may believe in (accept-weak-watchdog = yes)')
        pair.start()
        t.say('corosync runs on all: they are members with quorum; token %d ms, consensus %d ms'
              % (pair.ring.times['token'], pair.ring.times['consensus']))
        t.say('yoked runs on all, with engine = corosync; deadtime is %s in this demo' % DEADTIME)
        pair.load(self.db.crm())
        t.say('configured: group treasury = disk, service address %s, PostgreSQL; a power switch' % ADDRESS)
        t.result('treasury runs on %s' % self.active())
        self.db.client_start()
        self.db.wait_commits(0)
        time.sleep(1)
        t.say('a client commits numbered rows through %s without pause: %d in the first second'
              % (ADDRESS, len(self.db.acks())))
        t.show(pair)

    def coordinator(self):
        seen_from = self.active()
        return lab_module.wait_for('there is a coordinator',
                                   lambda: (self.pair.status(seen_from) or {}).get('coordinator'), 20, 0.1)

    def to_coordinator(self):
        """The worst that can die at once: who serves, and who decides."""
        node, to = self.active(), self.coordinator()
        if node != to:
            self.pair.cli(node, 'resource', 'move', 'treasury', to, '--wait')
            self.pair.wait_where('db', to)
            self.db.wait_commits(now())
            self.pair.wait_idle()
        self.tale.say('the services run on %s, which is the coordinator, too' % to)

    def back(self, node):
        """That node is whole again and a member, booted if it was switched off."""
        def whole():
            if not self.pair.nodes[node].is_on():
                self.pair.boot(node)
            return self.pair.together()
        lab_module.wait_for(lambda: '%s is a member again\n%s' % (node, self.pair.describe()), whole, 60, 0.2)

    def part_idle(self):
        t, pair, node = self.tale, self.pair, self.active()
        lone = pair.others(node)[-1]
        t.head('5. %s, which runs nothing, is parted from the others on both networks' % lone)
        mark, at = time.monotonic_ns(), now()
        pair.lab.part([[lone]])
        pair.wait_together(names=pair.others(lone))
        moves = self.watch_from(pair.others(lone)[0], mark, 4)
        t.show(pair)
        pair.lab.heal()
        self.back(lone)
        moves += self.watch(mark, 2) - moves
        self.result['moves_after_idle_parted'] = moves
        t.result('the others have quorum and go on, %s comes back, and nothing moved (%d starts or stops); '
                 'longest pause of the client: %d ms' % (lone, moves, ms(self.db.outage(at))), moves == 0)

    def watch_from(self, node, since_ns, seconds):
        """As watch(), while only some are of one mind."""
        time.sleep(seconds)
        if self.pair.where('db', node) is None:
            raise LabError('the services do not run\n' + self.pair.describe())
        return len(self.pair.acts(since_ns, SERVICE))

    def part_owner(self):
        t, pair, node = self.tale, self.pair, self.active()
        t.head('6. %s, which runs the services, is parted from the others; clients reach all' % node)
        at = now()
        pair.lab.part([[node]])
        heir = self.heir(node)
        self.db.wait_commits(now())
        time.sleep(0.5)
        gap = self.db.outage(at)
        self.result['part_takeover_ms'] = ms(gap)
        t.say('%s has no quorum: it may decide nothing, and nobody renews its lease; the others have' % node)
        t.result('%s took over; the client could not commit for %d ms' % (heir, ms(gap)))
        t.show_one(pair, heir)
        mark = time.monotonic_ns()
        pair.lab.heal()
        self.back(node)
        moves = self.watch(mark, 3)
        self.result['moves_after_part'] = moves
        t.result('mended, %s is a member again, and nothing moved (%d starts or stops)' % (node, moves), moves == 0)

    def coordinator_lost(self):
        t, pair, node = self.tale, self.pair, self.active()
        lost = self.coordinator()
        if lost == node:
            to = pair.others(lost)[0]
            pair.cli(node, 'resource', 'move', 'treasury', to, '--wait')
            node = pair.wait_where('db', to)
            pair.wait_idle()
        t.head('7. The coordinator dies, which runs no services: power cut of %s' % lost)
        mark, at = time.monotonic_ns(), now()
        pair.nodes[lost].power_off()
        pair.wait_together(names=pair.others(lost))
        moves = self.watch_from(node, mark, 3)
        t.say('%s is the coordinator now' % self.coordinator())
        self.back(lost)
        moves += self.watch(mark, 2) - moves
        self.result['moves_after_coordinator_lost'] = moves
        t.result('%s comes back, and nothing moved (%d starts or stops); longest pause of the client: %d ms'
                 % (lost, moves, ms(self.db.outage(at))), moves == 0)
        t.show(pair)


if __name__ == '__main__':
    RingDemo.NODES = int(sys.argv[2])
    sys.exit(lab_module.enter(tell(sys.argv[1], '--json' in sys.argv[3:], RingDemo)))
