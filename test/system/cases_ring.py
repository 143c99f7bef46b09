# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_ring: the laboratory with three nodes and corosync alone: it forms, parts, and dies as it should.

Each test is a function of a Pair that is not started yet; see cases.py. The daemon's own cases are in
cases_engine.py.
"""
import time

from cases import case, need, same
from lab import run, wait_for

TESTS = {}


def case_here(**attributes):
    def add(f):
        case(**dict(attributes, nodes=attributes.get('nodes', 3)))(f)
        TESTS[f.__name__] = f
        return f
    return add


def form(pair, **options):
    """Corosync on every node, and no yoke."""
    pair.use_ring(**options)
    for n in pair.names:
        pair.nodes[n].power_on()
    pair.ring.start()
    return pair.ring


def client_reaches(pair):
    for i in range(len(pair.names)):
        run(*pair.lab.client.enter('ping', '-c', '1', '-W', '2', '10.77.0.%d' % (i + 1)))


@case_here()
def ring_forms(pair):
    """Three nodes are quorate on both links; each link is cut in its turn, and the other carries it all."""
    ring = form(pair)
    ring.wait_links()
    before = {n: ring.memberships(n) for n in pair.names}
    for net, links in enumerate(([False, True], [True, False])):
        pair.lab.part([['db1'], ['db2'], ['db3']], nets=[net])
        for n in pair.names:
            wait_for('%s sees the cut of link %d' % (n, net), lambda n=n, links=links: ring.links(n) == links, 20, 0.05)
        client_reaches(pair)
        pair.lab.heal()
        ring.wait_links()
    ring.wait_members(pair.names)
    same({n: ring.memberships(n) for n in pair.names}, before, 'memberships')


@case_here(nodes=5)
def ring_of_five(pair):
    """Five nodes with a key: 3 + 2, then three that hear nobody."""
    ring = form(pair, key=True)
    pair.lab.part([['db1', 'db4', 'db5']])
    ring.wait_members(['db1', 'db4', 'db5'])
    ring.wait_members(['db2', 'db3'], False)
    pair.lab.part([['db1'], ['db2'], ['db3']])
    for n in ('db1', 'db2', 'db3'):
        ring.wait_members([n], False)
    ring.wait_members(['db4', 'db5'], False)
    pair.lab.heal()
    ring.wait_members(pair.names)


@case_here()
def ring_parts(pair):
    """Parted 2 + 1, the two are quorate and the one is not; mended, all three are again. The cut outlives
    a boot of the one, and clients reach all of them."""
    ring = form(pair)
    pair.lab.part([['db1'], ['db2', 'db3']])
    ring.wait_members(['db2', 'db3'])
    ring.wait_members(['db1'], False)
    client_reaches(pair)
    pair.nodes['db1'].power_off()
    pair.nodes['db1'].power_on()
    ring.corosync_start('db1')
    time.sleep(1)
    ring.wait_members(['db1'], False)
    ring.wait_members(['db2', 'db3'])
    pair.lab.heal()
    ring.wait_members(pair.names)


@case_here()
def ring_dies(pair):
    """A corosync that leaves, is killed or frozen, and a node that loses power: the two others are quorate,
    and all three when it is back."""
    ring = form(pair)

    def power_on():
        pair.nodes['db2'].power_on()
        ring.corosync_start('db2')

    faults = ((ring.corosync_stop, ring.corosync_start), (ring.corosync_kill, ring.corosync_start),
              (ring.corosync_freeze, ring.corosync_thaw),
              (lambda _: pair.nodes['db2'].power_off(), lambda _: power_on()))
    for fault, repair in faults:
        fault('db2')
        ring.wait_members(['db1', 'db3'])
        need(ring.corosync_members('db2') is None, 'who is gone does not answer')
        repair('db2')
        ring.wait_members(pair.names)
