# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_lun: system tests of reservations: the shared disk answers as a SCSI disk does (hardware.py).

Each test is a function of a Pair that is not started yet; see cases.py.
"""
import contextlib
import os
import re
import signal
import time

from cases import SERVICE, SOON, need, quiet, same
from hardware import Lun, all_cut
from lab import NODES, now, wait_for
from pair import DATA, other
from probe import crm

TESTS = {}
ALL = ('disk',) + SERVICE
STRANGER = 5  # a path to the disk that no node of ours has


def case(limit=120, nodes=2, deadtime='1s'):
    def add(f):
        f.limit, f.nodes, f.deadtime = limit, nodes, deadtime
        TESTS[f.__name__] = f
        return f
    return add


def begin(pair):
    """Both nodes up, on a disk that can be reserved, which is the only proof: the disk."""
    lun = Lun(pair.lab, 'data')
    pair.use_luns({pair.lab.disk.device: lun})
    pair.options.update(guard='reservation')
    pair.start()
    return lun


def begin_ring(pair):
    """The same on corosync; all are registered and the service runs: the disk, the node it runs on."""
    lun = Lun(pair.lab, 'data')
    pair.use_luns({pair.lab.disk.device: lun})
    pair.use_ring()
    pair.options.update(guard='reservation')
    pair.start()
    load(pair)
    node = pair.wait_where('tiny')
    wait_keys(pair, lun, pair.names)
    pair.wait_idle()
    return lun, node


def wait_keys(pair, lun, names):
    wait_for(lambda: 'the keys of %s are there: %r\n%s' % (names, lun.tell('show'), pair.describe()),
             lambda: sorted(lun.keys()) == sorted(pair.names.index(n) for n in names), 30, 0.05)


def load(pair):
    pair.load(service(pair.lab))


def service(lab):
    """A file system on the disk, an address, the small service; no power switch."""
    text = '\n'.join(x for x in crm(lab).split('\n') if not x.startswith('primitive power'))
    return 'primitive disk ocf:yoke:Filesystem params device=%s directory=%s fstype=ext4\n%s' % (
        lab.disk.device, DATA, text.replace('group svc ip tiny', 'group svc disk ip tiny'))


def wait_both(pair, lun):
    """Both nodes are registered, and the one that runs it holds the reservation."""
    wait_for(lambda: 'both are registered: %r\n%s' % (lun.tell('show'), pair.describe()),
             lambda: sorted(lun.keys()) == [0, 1], 30, 0.05)
    node = pair.wait_where('tiny')
    wait_for(lambda: '%s holds it: %r' % (node, lun.tell('show')), lambda: lun.holder() is not None, 20, 0.05)
    return node


def serve(pair):
    lun = begin(pair)
    load(pair)
    return lun, wait_both(pair, lun)


@case()
def lun_takeover(pair):
    """A killed node's key is taken off the disk, which is all the proof that the takeover needs; it
    comes back, is registered again, and nothing moves."""
    lun, node = serve(pair)
    alive = other(node)
    at = pair.nodes[node].power_off()
    pair.wait_where('tiny', alive)
    need(now() - at < SOON, 'taken over after %.1f s' % (now() - at))
    same((list(lun.keys()), lun.holder()), ([NODES.index(alive)], NODES.index(alive)), 'keys and holder')
    need('preempted: %s can no longer write' % node in pair.logged(alive), pair.logged(alive)[-2000:])
    need('is known to be stopped (proof' not in pair.logged(alive), 'the reservation is the only proof')
    mark = time.monotonic_ns()
    pair.boot(node)
    pair.wait_together()
    wait_both(pair, lun)
    quiet(pair, 2, ALL)
    same((pair.acts(mark, ALL), pair.where('tiny')), ([], alive), 'starts and stops, place')


@case()
def lun_all_cut(pair):
    """All links are cut while both live: the owner takes the idle one's key and goes on, the idle one
    stands down; mended, both are registered again. Nothing moves."""
    lun, node = serve(pair)
    idle, mark = other(node), time.monotonic_ns()
    all_cut(pair)
    wait_for(lambda: 'the idle one loses its key: %r' % lun.tell('show'),
             lambda: list(lun.keys()) == [NODES.index(node)], 20)
    quiet(pair, 5, ALL)
    same((list(lun.keys()), lun.holder()), ([NODES.index(node)], NODES.index(node)), 'keys and holder')
    wait_for('%s says that it stands down' % idle, lambda: 'reservation of' in
             pair.cli(idle, 'status', check=False).stdout, 20, 0.1)
    all_cut(pair, False)
    pair.wait_together()
    wait_both(pair, lun)
    same((pair.acts(mark, ALL), [n.resets for n in pair.nodes.values()]), ([], [[], []]), 'starts, stops, resets')


@case()
def lun_owner_frozen(pair):
    """The owner hangs: its key is taken, its services are taken over; when it thaws it is refused by
    the disk, learns why, and resets itself."""
    lun = begin(pair)
    # One kernel mounts a file system once: here the disk is only said to be used. And the kernel of
    # what hangs goes on answering for its address, which the agent of the other would not take then.
    text = re.sub('primitive disk .*', 'primitive disk ocf:lab:rascal params device=' + pair.lab.disk.device,
                  service(pair.lab))
    pair.load(text.replace('group svc disk ip tiny', 'group svc disk tiny'))
    node = wait_both(pair, lun)
    for pid in pair.nodes[node].pids():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    pair.wait_where('tiny', other(node), seen_from=other(node))
    same(list(lun.keys()), [NODES.index(other(node))], 'keys')
    need(not pair.nodes[node].resets, 'it hangs still')
    for pid in pair.nodes[node].pids():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    wait_for('it resets itself', lambda: pair.nodes[node].resets, 20)
    need('resets itself' in pair.logged(node), 'and says so')
    same(list(lun.keys()), [NODES.index(other(node))], 'keys')
    # What hung was on both, as the guard may allow of what the disk no longer takes from one.
    os.unlink(pair.lab.top + '/witness.log')
    for n in NODES:
        os.unlink('%s/log/%s.addresses' % (pair.lab.top, n))


@case()
def lun_stranger(pair):
    """A disk that a stranger has reserved: told, and nothing is started on it until he has gone."""
    lun = begin(pair)
    lun.tell('register', STRANGER, '0xabcdef')
    lun.tell('reserve', STRANGER)
    mark = time.monotonic_ns()
    load(pair)
    for n in NODES:
        wait_for('%s tells of the stranger' % n, lambda n=n: 'a key or a reservation of a stranger' in
                 pair.logged(n) and 'before anything is started on it' in pair.logged(n), 20, 0.1)
    time.sleep(3)
    same(([x for x in pair.acts(mark) if 'start' in x], list(lun.keys())), ([], [STRANGER]), 'starts, keys')
    r = pair.cli('db1', 'reservation', 'show', check=False).stdout
    need('a stranger (0xabcdef)' in r, r)
    lun.tell('power')  # his key does not outlive that
    wait_both(pair, lun)


@case()
def lun_unable(pair):
    """A disk that cannot be reserved: told at once, and a dead node's services wait for another proof."""
    lun = begin(pair)
    lun.tell('set', 'no_pr', 1)
    load(pair)
    node = pair.wait_where('tiny')
    for n in NODES:
        wait_for('%s tells that it cannot' % n, lambda n=n: 'another proof is needed' in pair.logged(n), 20, 0.1)
        r = pair.cli(n, 'guard').stdout
        need('no disk of a resource that is configured can be reserved' in r and 'nothing here can prove' in r, r)
    alive, mark = other(node), time.monotonic_ns()
    pair.nodes[node].power_off()
    wait_for('it says what to type', lambda: 'confirm-dead ' + node in pair.cli(alive, 'status').stdout, 20, 0.1)
    time.sleep(2)
    same(pair.acts(mark, ALL), [], 'starts on a guess')
    pair.cli(alive, 'node', 'confirm-dead', node, node)
    pair.wait_where('tiny', alive)


@case(limit=180, nodes=3, deadtime='2s')
def lun_ring_takeover(pair):
    """Three nodes on corosync: a killed node's key is taken off the disk by both of the others, one of which
    serves from then on; it comes back, is registered again, and nothing moves."""
    lun, node = begin_ring(pair)
    alive = pair.others(node)
    proofs = {n: pair.logged(n).count('is known to be stopped (proof') for n in alive}  # as they came together
    pair.nodes[node].power_off()
    heir = wait_for('one of the others serves', lambda: next((n for n in alive if pair.nodes[n].pids('tinyserver')), None),
                    30, 0.05)
    wait_keys(pair, lun, alive)
    for n in alive:
        wait_for('%s says so' % n, lambda n=n: 'preempted: %s can no longer write' % node in pair.logged(n), 20, 0.1)
        same(pair.logged(n).count('is known to be stopped (proof'), proofs[n], 'other proofs than the reservation')
    pair.wait_where('tiny', heir, seen_from=heir)
    mark = time.monotonic_ns()
    pair.boot(node)
    pair.wait_together()
    wait_keys(pair, lun, pair.names)
    quiet(pair, 2, ALL)
    same((pair.acts(mark, ALL), pair.where('tiny')), ([], heir), 'starts and stops, place')


@case(limit=180, nodes=3, deadtime='2s')
def lun_ring_parted(pair):
    """Three nodes on corosync: an idle one is cut off. It takes nobody's key, stands down without its own,
    and is readmitted when the cut is mended; nothing moves."""
    lun, node = begin_ring(pair)
    idle, mark = pair.others(node)[0], time.monotonic_ns()
    pair.lab.part([[idle]])
    wait_keys(pair, lun, pair.others(idle))
    wait_for('%s says that it stands down' % idle, lambda: 'stands down' in pair.logged(idle), 30, 0.1)
    quiet(pair, 3, ALL)
    need(sorted(lun.keys()) == sorted(pair.names.index(n) for n in pair.others(idle)), 'it took nobody\'s key')
    pair.lab.heal()
    pair.wait_together()
    wait_keys(pair, lun, pair.names)
    same((pair.acts(mark, ALL), [n.resets for n in pair.nodes.values()]), ([], [[], [], []]), 'starts, stops, resets')


@case(limit=180, deadtime='2s')
def lun_ring_two(pair):
    """Two nodes on corosync, which both have the quorum when they are parted: the disk decides. The owner
    takes the idle one's key and goes on, the idle one stands down. Nothing moves."""
    lun, node = begin_ring(pair)
    idle, mark = pair.others(node)[0], time.monotonic_ns()
    pair.lab.part([[idle]])
    wait_keys(pair, lun, [node])
    wait_for('%s says that it stands down' % idle, lambda: 'stands down' in pair.logged(idle), 30, 0.1)
    same((pair.acts(mark, ALL), pair.where('tiny', node)), ([], node), 'starts and stops, place')
    pair.lab.heal()
    pair.wait_together()
    wait_keys(pair, lun, pair.names)
    same((pair.acts(mark, ALL), [n.resets for n in pair.nodes.values()]), ([], [[], []]), 'starts, stops, resets')
