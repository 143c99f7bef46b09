# SPDX-License-Identifier: GPL-2.0-or-later
"""network: what lies between the machines of a lab: the switch, the serial line, and a client's machine.

Happy path: Switch() has a bridge for each of the networks; plug() gives a machine its card, part()
divides the machines into groups that do not hear each other, with no groups it mends that. Fails: LabError.
"""
import fcntl
import os
import socket
import struct
import subprocess
import threading

from lab import LabError, NETS, run, wait_for


class Switch:
    """The network switch: this process' own network namespace, with one bridge for each network."""

    def __init__(self):
        self.parts = {}  # {network: groups of ports that hear only their own group}
        self.control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        lines = ['link set lo up']
        for i in range(len(NETS)):
            lines += ['link add br%d type bridge stp_state 0 forward_delay 0 mcast_snooping 0' % i,
                      'link set br%d up' % i]
        run('ip', '-batch', '-', input='\n'.join(lines) + '\n')

    def plug(self, port, net, pid, nic):
        """A cable from the switch to a network card in the namespace of process pid."""
        run('ip', '-batch', '-', input='''\
link add %s type veth peer name %s netns %d
link set %s master br%d up
''' % (port, nic, pid, port, net))

    def unplug(self, port):
        run('ip', 'link', 'del', port, check=False)

    def power(self, port, on):
        """Carrier at the other end; at once."""
        request = struct.pack('16sh', port.encode(), 0).ljust(40, b'\0')
        try:
            request = fcntl.ioctl(self.control, 0x8913, request)  # SIOCGIFFLAGS
            flags = struct.unpack_from('h', request, 16)[0]
            flags = flags | 1 if on else flags & ~1
            fcntl.ioctl(self.control, 0x8914, struct.pack('16sh', port.encode(), flags).ljust(40, b'\0'))
        except OSError:
            pass  # gone with its machine

    def isolate(self, port, on):
        """The nodes no longer hear each other, while clients still reach both."""
        run('bridge', 'link', 'set', 'dev', port, 'isolated', 'on' if on else 'off')

    def part(self, net, groups):
        """On that network groups of ports hear only their own group and whoever is in none, as clients are;
        no groups: all hear all. The rules go by name, so that a machine is still cut off when it boots."""
        self.parts[net] = groups

    def apply(self):
        """What part() was told, on all networks in one stroke."""
        rules = ['table bridge parts', 'delete table bridge parts', 'table bridge parts {', 'chain forward {',
                 'type filter hook forward priority 0']
        for groups in self.parts.values():
            for here in groups:
                there = [p for g in groups if g is not here for p in g]
                if here and there:
                    rules.append('iifname %s oifname %s drop' % (names(here), names(there)))
        run('nft', '-f', '-', input='\n'.join(rules + ['}', '}']) + '\n')


def names(ports):
    return '{ %s }' % ', '.join('"%s"' % p for p in ports)


class Cable:
    """The serial line: the relay, and its two ends LAB/serial.a and LAB/serial.b at the first two machines."""

    def __init__(self, program, top, baud, machines):
        self.sides = dict(zip(machines, 'ab'))
        self.ends = {n: '%s/serial.%s' % (top, side) for n, side in self.sides.items()}
        self.lock = threading.Lock()
        self.p = subprocess.Popen([program, *self.ends.values(), str(baud)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                  start_new_session=True)
        if self.p.stdout.readline() != 'ready\n':
            raise LabError('the serial line could not be made')

    def tell(self, *words):
        with self.lock:
            self.p.stdin.write(' '.join(str(w) for w in words) + '\n')
            self.p.stdin.flush()
            return self.p.stdout.readline().strip()

    def power(self, machine, on):
        """A machine that has an end of it was switched on or off."""
        if machine in self.sides:
            self.tell('on' if on else 'off', self.sides[machine])

    def close(self):
        self.p.stdin.close()
        self.p.wait(5)


class Client:
    """A machine with nothing but a network card."""
    ADDRESS = NETS[0] + '.50'

    def __init__(self, lab):
        self.p = subprocess.Popen(['unshare', '-n', 'sleep', 'infinity'], stdin=subprocess.DEVNULL,
                                  start_new_session=True)
        here = os.readlink('/proc/self/ns/net')
        wait_for('a network for the client',
                 lambda: os.readlink('/proc/%d/ns/net' % self.p.pid) != here, 5)
        lab.switch.plug('pc', 0, self.p.pid, 'eth0')
        run(*self.enter('ip', '-batch', '-'), input='''\
link set lo up
addr add %s/24 brd + dev eth0
addr add fd77::50/64 dev eth0 nodad
link set eth0 up
''' % self.ADDRESS)
        # It asks again each 20 ms who has an address, so that its own patience is not measured.
        run(*self.enter('sysctl', '-qw', 'net.ipv4.neigh.eth0.retrans_time_ms=20'))

    def enter(self, *argv):
        return ['nsenter', '-t', str(self.p.pid), '-n', '--', *argv]

    def close(self):
        self.p.kill()
        self.p.wait(5)
