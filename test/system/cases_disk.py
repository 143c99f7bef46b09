# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_disk: system tests of the quorum disk: a loop device that both nodes see as /run/quorum.

Each test is a function of a Pair that is not started yet; see cases.py.
"""
import json
import os
import signal
import time

from cases import SERVICE, need, quiet, same
from hardware import DISK, MIB, QuorumDisk, WATCHDOG
from lab import NODES, wait_for
from pair import other
from probe import crm

TESTS = {}


def case(limit=120, **attributes):
    def add(f):
        f.limit = limit
        for name, value in attributes.items():
            setattr(f, name, value)
        TESTS[f.__name__] = f
        return f
    return add


def begin(pair):
    """Both nodes up with the disk, the small service running: the disk, the node it runs on."""
    disk = QuorumDisk(pair.lab)
    pair.options['more'] = DISK + pair.options.pop('wd', '')
    for n in NODES:
        pair.nodes[n].power_on()
    pair.write_conf()
    pair.write_key()
    need('is empty' in pair.cli('db1', 'disk', 'show', 'quorum', check=False).stderr, 'an empty disk is told')
    need(pair.cli('db1', 'disk', 'init', 'quorum', check=False, input='no\n').returncode == 1, 'it asks')
    pair.cli('db1', 'disk', 'init', 'quorum', input='yes\n')
    for n in NODES:
        pair.daemon_start(n)
    pair.wait_together()
    pair.wait_links()
    pair.load(crm(pair.lab, ''))
    return disk, pair.wait_where('tiny')


def link_of(pair, node, name='quorum'):
    s = pair.status(node)
    found = [x for x in s['links'] if x['name'] == name] if s else []
    return (found[0]['state'], (found[0]['why'] or {}).get('text', '')) if found else (None, '')


def wait_reason(pair, words, timeout=20):
    for n in NODES:
        wait_for(lambda n=n: '%s says of the disk: %s, but %r' % (n, words, link_of(pair, n)),
                 lambda n=n: link_of(pair, n)[0] == 'down' and words in link_of(pair, n)[1], timeout, 0.05)


@case()
def disk_holds(pair):
    """With all networks and the serial line cut, the disk holds the pair together: nothing moves."""
    _, node = begin(pair)
    pair.lab.cable.tell('cut')
    for n in NODES:
        pair.nodes[n].cut()
    for n in NODES:
        wait_for(lambda n=n: 'the cut is noticed: %r' % pair.links(n),
                 lambda n=n: pair.links(n) == {'lan': 'down', 'san': 'down', 'com': 'down', 'quorum': 'up'}, 20)
    quiet(pair, 4)
    need(pair.together(), 'both are members still\n' + pair.describe())
    # By the disk alone: a local restart, whose news the other gets, and a command.
    for pid in pair.nodes[node].pids('tinyserver'):
        os.kill(pid, signal.SIGKILL)
    pair.wait_where('tiny', node)
    pair.cli(other(node), 'resource', 'move', 'svc', other(node))
    pair.wait_where('tiny', other(node), 60)
    same(pair.lab.power.served, [], 'fencing')
    pair.lab.cable.tell('heal')
    for n in NODES:
        pair.nodes[n].cut(False)
    pair.wait_links(20)


@case()
def disk_wiped(pair):
    """A disk that is zeroed under way is reported and moves nothing; prepared anew it serves again."""
    disk, _ = begin(pair)
    mark = time.monotonic_ns()
    disk.wipe()
    wait_reason(pair, 'is empty')
    quiet(pair, 3)
    need(pair.together(), 'both are members still')
    same(os.pread(disk.fd, 8, 0), bytes(8), 'nobody writes a header by himself')
    os.pwrite(disk.fd, b'somebody else', 0)
    wait_reason(pair, "not yoke's")
    need('something' in pair.cli('db1', 'disk', 'init', 'quorum', check=False, input='yes\n').stderr,
         'a disk that holds something is refused')
    pair.cli('db1', '--force', 'disk', 'init', 'quorum', input='yes\n')
    pair.wait_links(20)
    pair.cli('db2', 'disk', 'check', 'quorum')
    same(pair.acts(mark, SERVICE), [], 'starts and stops')


@case()
def disk_gone(pair):
    """A disk that is taken away is reported and moves nothing; when it comes back it serves again."""
    disk, node = begin(pair)
    mark = time.monotonic_ns()
    disk.pull()
    wait_reason(pair, 'is not there')
    quiet(pair, 3)
    need(pair.together(), 'both are members still')
    disk.push()
    pair.cli(node, '--force', 'disk', 'init', 'quorum', input='yes\n')
    pair.wait_links(20)
    same(pair.acts(mark, SERVICE), [], 'starts and stops')
    same(pair.lab.power.served, [], 'fencing')


@case()
def disk_refused(pair):
    """What holds anything, is in use or is another cluster's is never prepared or used by mistake."""
    disk = QuorumDisk(pair.lab)
    pair.options['more'] = DISK
    node = pair.nodes['db1']
    node.power_on()
    pair.write_conf(['db1'])
    pair.write_key(['db1'])

    def refused(words, *command):
        r = pair.cli('db1', *command, check=False, input='yes\n')
        need(r.returncode == 1 and words in r.stderr, '%s: %d %r' % (' '.join(command), r.returncode, r.stderr))
    shared = pair.lab.disk.device
    refused('holds something: ext4', 'disk', 'init', shared)
    node.run('mkdir', '-p', '/run/mnt')
    node.run('mount', shared, '/run/mnt')
    refused('in use', 'disk', 'init', shared)
    refused('in use', '--force', 'disk', 'init', shared)
    node.run('umount', '/run/mnt')
    os.pwrite(disk.fd, b'x', MIB - 1)
    refused('is not empty', 'disk', 'init', 'quorum')
    disk.wipe()
    pair.cli('db1', 'disk', 'init', 'quorum', input='yes\n')
    refused('of this cluster', 'disk', 'init', 'quorum')
    pair.write_conf(['db1'], name='town')
    refused("is the cluster demo's", 'disk', 'show')
    refused('of the cluster demo', 'disk', 'init', 'quorum')
    pair.write_conf(['db1'])
    pair.write_key(['db1'])
    refused('with another key', 'disk', 'check')
    pair.daemon_start('db1')
    wait_for('the daemon leaves it alone too', lambda: 'with another key' in link_of(pair, 'db1')[1], 20, 0.1)
    same(os.pread(disk.fd, MIB - 4096, 4096), bytes(MIB - 4096), 'blocks of a disk that is not ours')


@case()
def disk_renews_lease(pair):
    """Under a lease with all else cut, the disk alone goes on renewing it: nothing stops, nothing moves."""
    pair.options['guard'] = 'lease, fence'
    pair.options['wd'] = WATCHDOG
    _, node = begin(pair)

    def beat():
        blocks = json.loads(pair.cli(other(node), 'disk', 'show', '--json').stdout)['disks'][0]['blocks']
        return [b for b in blocks if b['node'] == node and b['block'] == 'beat'][0]
    wait_for(lambda: 'the disk tells the lease: %r' % beat(),
             lambda: beat()['runs'] and beat()['armed'] and beat()['lease_ms'], 20, 0.1)
    pair.lab.cable.tell('cut')
    for n in NODES:
        pair.nodes[n].cut()
    for n in NODES:
        wait_for(lambda n=n: 'the cut is noticed: %r' % pair.links(n),
                 lambda n=n: pair.links(n) == {'lan': 'down', 'san': 'down', 'com': 'down', 'quorum': 'up'}, 20)
    quiet(pair, 2 * beat()['lease_ms'] / 1000 + 1)
    need(pair.together(), 'both are members still\n' + pair.describe())
    need(beat()['armed'], 'the watchdog is armed still')
    same(pair.lab.power.served, [], 'fencing')
