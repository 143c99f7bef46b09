# SPDX-License-Identifier: GPL-2.0-or-later
"""probe: a client that asks a small TCP service every 2 ms, and the service's configuration.

Happy path: Probe(lab), wait_first(), then outage(...). Fails: LabError when no answer comes.
"""
import subprocess
import threading

from lab import now, wait_for
from pair import ADDRESS

PORT = 7000


def crm(lab, more=''):
    return '''
primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="%s"
primitive ip ocf:yoke:ip params ip=%s cidr_netmask=24 op monitor interval=10s timeout=20s
primitive tiny ocf:lab:tiny params program=%s port=%d op monitor interval=10s timeout=20s
group svc ip tiny
property fencing-action=off
%s''' % (lab.top, ' '.join(lab.names), ADDRESS, lab.program('tinyserver'), PORT, more)


class Probe:
    def __init__(self, lab, each_ms=2):
        self.p = subprocess.Popen(
            lab.client.enter(lab.program('tcpprobe'), ADDRESS, str(PORT), str(each_ms)),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.first, self.gaps = None, []  # gaps: (last answer, next answer, from, to), in seconds
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.p.stdout:
            w = line.split()
            if w[0] == 'S':
                self.first = (int(w[1]) / 1e9, w[2])
            else:
                self.gaps.append((int(w[1]) / 1e9, int(w[2]) / 1e9, w[3], w[4]))

    def wait_first(self, timeout=30):
        return wait_for('the service answers', lambda: self.first, timeout, 0.002)

    def wait_gap(self, since, to=None, timeout=30):
        """The first gap that ends after that moment, on that host if given."""
        def found():
            for g in list(self.gaps):
                if g[1] > since and to in (None, g[3]):
                    return g
            return None
        return wait_for('the service answers again' + (' from ' + to if to else ''), found, timeout, 0.002)

    def worst(self, since, until=None):
        """Longest gap in the span, in seconds."""
        until = until or now()
        return max([b - a for a, b, _, _ in list(self.gaps) if b > since and a < until] or [0.0])

    def close(self):
        self.p.kill()
        self.p.wait(5)
