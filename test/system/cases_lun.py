# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_lun: system tests of reservations: the shared disk answers as a SCSI disk does (hardware.py).

Each test is a function of a Pair that is not started yet; see cases.py.
"""
import time

from cases import need, same
from hardware import Lun
from lab import NODES, now, wait_for
from pair import DATA, other
from probe import crm

TESTS = {}


def case(limit=120):
    def add(f):
        f.limit = limit
        TESTS[f.__name__] = f
        return f
    return add


def begin(pair):
    """Both nodes up, a file system on the disk and the small service running: the disk, the node."""
    lun = Lun(pair.lab, 'data')
    pair.use_luns({pair.lab.disk.device: lun})
    pair.options.update(guard='reservation')
    pair.start()
    text = crm(pair.lab)
    text = '\n'.join(x for x in text.split('\n') if not x.startswith('primitive power'))
    text = text.replace('group svc ip tiny', 'group svc disk ip tiny')
    pair.load('primitive disk ocf:yoke:Filesystem params device=%s directory=%s fstype=ext4\n%s'
              % (pair.lab.disk.device, DATA, text))
    node = pair.wait_where('tiny')
    wait_for(lambda: 'both are registered: %r\n%s' % (lun.tell('show'), pair.logged(node)[-1500:]), lambda: len(lun.keys()) == 2, 20)
    return lun, node


@case()
def lun_takeover(pair):
    """A killed node's key is taken off the disk, which is all the proof that the takeover needs."""
    lun, node = begin(pair)
    print(lun.tell('show'), pair.cli(node, 'guard').stdout, pair.cli(node, 'reservation', 'show', check=False).stdout)
    at = pair.nodes[node].power_off()
    time.sleep(6)
    print(lun.tell('show'), pair.cli(other(node), 'guard').stdout, pair.cli(other(node), 'status').stdout)
    print(pair.logged(other(node)))
    pair.wait_where('tiny', other(node))
