# SPDX-License-Identifier: GPL-2.0-or-later
"""cases_app: system tests of applications: real MariaDB, nginx and Tomcat fail over, with a client that counts.

PostgreSQL does so in every second test of the other files.
"""
import contextlib
import glob
import http.client
import os
import shutil
import subprocess
import threading

from cases import SOON, Skip, case, need, same
from lab import NODES, now, run, wait_for
from pair import ADDRESS, DATA, other

TESTS = {}
FENCE = 'primitive power stonith:fence_lab params switch=%s/power pcmk_host_list="db1 db2"\nproperty fencing-action=off\n'
IP = 'primitive ip ocf:yoke:ip params ip=%s cidr_netmask=24 op monitor interval=10s timeout=20s\n' % ADDRESS


def case_here(**attributes):
    def add(f):
        case(**attributes)(f)
        TESTS[f.__name__] = f
        return f
    return add


class Asker:
    """A client that asks one thing after the other, and keeps when each answer came and what it was."""

    def __init__(self, ask):
        self.ask, self.good, self.bad, self.ending = ask, [], 0, False
        self.thread = threading.Thread(target=self.go, daemon=True)
        self.thread.start()

    def go(self):
        while not self.ending:
            answer = self.ask()
            if answer is None:
                self.bad += 1
            else:
                self.good.append((now(), answer))

    def wait(self, since, timeout=40, times=1):
        """So many answers after that moment."""
        wait_for('the client is answered again', lambda: len([1 for at, _ in self.good if at > since]) >= times,
                 timeout, 0.05)

    def gap(self, since):
        """Longest time without an answer that ends after that moment."""
        times = [at for at, _ in list(self.good)]
        return max([b - a for a, b in zip(times, times[1:]) if b > since], default=0.0)

    def close(self):
        self.ending = True
        self.thread.join(15)


# ---- MariaDB -------------------------------------------------------------------------------------

CONF = '''[mysqld]
innodb_buffer_pool_size=16M
innodb_log_file_size=4M
innodb_flush_log_at_trx_commit=1
skip-name-resolve
'''


def maria_make(pair):
    """An empty database on the disk, which anybody in the test's network may write to."""
    at, conf = pair.lab.top + '/mnt', pair.lab.top + '/my.cnf'
    with open(conf, 'w', encoding='ascii') as f:
        f.write(CONF)
    os.makedirs(at, exist_ok=True)
    run('mount', pair.lab.disk.device, at)
    try:
        run('install', '-d', '-o', 'mysql', '-m', '700', at + '/mysql')
        run('mariadb-install-db', '--defaults-file=' + conf, '--user=mysql', '--datadir=%s/mysql' % at,
            '--skip-test-db', timeout=60)
        run('/usr/sbin/mariadbd', '--defaults-file=' + conf, '--user=mysql', '--datadir=%s/mysql' % at, '--bootstrap',
            input='create database t;\nuse t;\ncreate table rows_of_client (n bigint primary key) engine=InnoDB;\n'
            "use mysql;\nflush privileges;\ncreate user 'client'@'10.77.0.%';\n"
            "grant all on t.* to 'client'@'10.77.0.%';\n", timeout=60)
    finally:
        run('sync')
        run('umount', at)
    wait_for('the disk is free', lambda: not pair.lab.disk.in_use(), 10)
    return conf


def maria_ask(pair, sql, timeout=5):
    with contextlib.suppress(subprocess.TimeoutExpired):
        r = run(*pair.lab.client.enter('mariadb', '--no-defaults', '-h', ADDRESS, '-u', 'client', '--connect-timeout=1',
                                       '-N', '-B', '-e', sql, 't'), check=False, timeout=timeout)
        if r.returncode == 0:
            return r.stdout
    return None


@case_here(limit=180, disk_mb=256)
def mariadb_fails_over(pair):
    """MariaDB on the shared disk: moved, then its server loses power; no acknowledged row is lost."""
    if not shutil.which('mariadb-install-db') or not os.path.exists('/usr/sbin/mariadbd'):
        raise Skip('MariaDB is not installed')
    conf = maria_make(pair)
    pair.start()
    pair.load((FENCE + IP + '''
primitive disk ocf:yoke:Filesystem params device=%s directory=%s fstype=ext4
primitive db ocf:yoke:mysql params datadir=%s/mysql config=%s \\
    op start timeout=60s op stop timeout=60s op monitor interval=10s timeout=30s
group svc disk ip db
''') % (pair.lab.top, pair.lab.disk.device, DATA, DATA, conf))
    node = pair.wait_where('db', timeout=60)
    count = iter(range(1, 1000000))

    def insert():
        n = next(count)
        done = maria_ask(pair, 'insert into rows_of_client values (%d)' % n)
        return None if done is None else n
    client = Asker(insert)
    client.wait(0, times=20)
    at = now()
    pair.cli(node, 'resource', 'move', 'svc', other(node), '--wait', timeout=60)
    client.wait(now(), times=20)
    need(client.gap(at) < SOON, 'moved with an outage of %.1f s' % client.gap(at))
    node = pair.wait_where('db', other(node))
    at = pair.nodes[node].power_off()
    pair.wait_where('db', other(node), 60)
    client.wait(now(), times=20)
    client.close()
    need(client.gap(at) < 2 * SOON, 'taken over with an outage of %.1f s' % client.gap(at))
    rows = set(maria_ask(pair, 'select n from rows_of_client').split())
    lost = [n for _, n in client.good if str(n) not in rows]
    need(len(client.good) > 20, '%d rows were acknowledged' % len(client.good))
    same(lost, [], 'acknowledged rows that are not there')


# ---- nginx in front of Tomcat --------------------------------------------------------------------

NGINX = '''
user root;
worker_processes 1;
pid /run/web/nginx.pid;
error_log /run/web/nginx.log;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path /run/web/tmp; proxy_temp_path /run/web/tmp; fastcgi_temp_path /run/web/tmp;
    uwsgi_temp_path /run/web/tmp; scgi_temp_path /run/web/tmp;
    server {
        listen %s:8080;
        location / { root /run/web/www; }
        location /app/ { proxy_pass http://127.0.0.1:8081/; }
    }
}
'''
SERVER = '''
<Server port="-1"><Service name="Catalina">
<Connector port="8081" address="127.0.0.1" maxThreads="5" minSpareThreads="1"/>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine>
</Service></Server>
'''
WEB = '''
<web-app><servlet><servlet-name>default</servlet-name>
<servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class></servlet>
<servlet-mapping><servlet-name>default</servlet-name><url-pattern>/</url-pattern></servlet-mapping></web-app>
'''


def web_make(pair, node):
    """What both servers need is in /run: a boot takes it away."""
    files = {'nginx.conf': NGINX % ADDRESS, 'www/page': 'nginx of %s\n' % node, 'tomcat/conf/server.xml': SERVER,
             'tomcat/conf/web.xml': WEB, 'tomcat/webapps/ROOT/page': 'tomcat of %s\n' % node,
             'tomcat/bin/setenv.sh': 'CATALINA_OPTS="-Xmx48m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"\n'}
    for name, text in files.items():
        pair.nodes[node].run('sh', '-c', 'mkdir -p "${0%/*}" && cat >"$0"', '/run/web/' + name, input=text)
    pair.nodes[node].run('mkdir', '-p', '/run/web/tmp', '/run/web/tomcat/logs', '/run/web/tomcat/temp',
                         '/run/web/tomcat/work')
    pair.nodes[node].run('chown', '-R', 'nobody', '/run/web/tomcat')


FETCH = '''
import http.client, sys
for line in sys.stdin:
    try:
        c = http.client.HTTPConnection(%r, 8080, timeout=0.5)
        c.request('GET', line.strip())
        r = c.getresponse()
        print(r.status, r.read().decode().strip(), flush=True)
        c.close()
    except (OSError, http.client.HTTPException):
        print(0, flush=True)
'''


class Browser:
    def __init__(self, pair):
        self.p = subprocess.Popen(pair.lab.client.enter('python3', '-c', FETCH % ADDRESS), text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    def fetch(self, path):
        self.p.stdin.write(path + '\n')
        self.p.stdin.flush()
        status, _, body = self.p.stdout.readline().strip().partition(' ')
        return body if int(status) == http.client.OK else None

    def close(self):
        self.p.stdin.close()
        self.p.wait(5)


@case_here(limit=240)
def web_fails_over(pair):
    """nginx in front of Tomcat behind one address: moved, killed, then its server loses power."""
    homes = [x for x in glob.glob('/usr/share/tomcat*') if os.path.exists(x + '/bin/catalina.sh')]
    if not homes or not shutil.which('java') or not shutil.which('nginx'):
        raise Skip('nginx, Tomcat or Java is not installed')
    pair.start()
    for n in NODES:
        web_make(pair, n)
    pair.load((FENCE + IP + '''
primitive app ocf:yoke:tomcat params home=%s base=/run/web/tomcat port=8081 user=nobody profile=no \\
    http=http://127.0.0.1:8081/page text=tomcat op start timeout=90s op stop timeout=60s op monitor interval=5s timeout=30s
primitive front ocf:yoke:nginx params config=/run/web/nginx.conf http=http://%s:8080/page text=nginx \\
    op monitor interval=5s timeout=20s
group web ip app front
''') % (pair.lab.top, homes[0], ADDRESS))
    node = pair.wait_where('front', timeout=60)
    browser = Browser(pair)
    client = Asker(lambda: browser.fetch('/app/page'))
    client.wait(0)
    same(client.good[-1][1], 'tomcat of ' + node, 'page')
    pair.cli(node, 'resource', 'move', 'web', other(node), '--wait', timeout=90)
    client.wait(now())
    node = pair.wait_where('front', other(node))
    same(client.good[-1][1], 'tomcat of ' + node, 'page after the move')
    at = now()
    for pid in pair.nodes[node].pids('nginx'):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)
    client.wait(at + 0.1)
    pair.wait_where('front', node)
    need(client.gap(at) < SOON, 'nginx came back after %.1f s' % client.gap(at))
    at = pair.nodes[node].power_off()
    pair.wait_where('front', other(node), 60)
    client.wait(now())
    client.close()
    same(client.good[-1][1], 'tomcat of ' + other(node), 'page after the takeover')
    same(browser.fetch('/page'), 'nginx of ' + other(node), 'page of nginx itself')
    browser.close()
    # Whoever answers, it is one only: once the other has answered, the first does no more.
    order = [x for i, (_, x) in enumerate(client.good) if i == 0 or client.good[i - 1][1] != x]
    same(len(order), 3, 'changes of who answers: %r' % order)
