/* SPDX-License-Identifier: GPL-2.0-or-later
 * rowclient: a client of a PostgreSQL server that commits numbered rows without pause.
 *
 *   rowclient LOG CONNINFO...      (key=value words for libpq)
 *
 * Each row has a number that is never used twice. When a commit is acknowledged, "NUMBER NS" goes
 * into LOG (CLOCK_MONOTONIC). A server that is silent for ANSWER_MS has lost this connection: the
 * outcome of that row is unknown, the next connection is tried at once, the next row has the next
 * number. Happy path: runs until SIGTERM, then prints "ACKNOWLEDGED TRIED CONNECTIONS".
 * Fails: 1 when it cannot write its log. A server that is not there is no failure but an outage. */
#include "config.h"
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { CONNECT_MS = 60, ANSWER_MS = 250, PAUSE_MS = 5 };

static volatile sig_atomic_t ended;

static void on_term(int signal_number)
{
    (void)signal_number;
    ended = 1;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Waits for the socket; false when the time is over. */
static bool wait_for(PGconn *c, short events, int64_t until)
{
    struct pollfd p = {.fd = PQsocket(c), .events = events};
    int64_t left = (until - now_ns()) / 1000000 + 1;

    if (p.fd < 0 || left <= 0 || ended)
        return false;
    return poll(&p, 1, (int)left) > 0;
}

static PGconn *server_connect(const char *conninfo)
{
    int64_t until = now_ns() + CONNECT_MS * 1000000LL;
    PGconn *c = PQconnectStart(conninfo);
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;

    while (c && PQstatus(c) != CONNECTION_BAD && want != PGRES_POLLING_OK) {
        if (want == PGRES_POLLING_FAILED)
            break;
        /* Once it talks to us it has more time than an address that nobody has. */
        if (PQstatus(c) == CONNECTION_AWAITING_RESPONSE)
            until = now_ns() + ANSWER_MS * 1000000LL;
        if (!wait_for(c, want == PGRES_POLLING_READING ? POLLIN : POLLOUT, until))
            break;
        want = PQconnectPoll(c);
    }
    if (c && PQstatus(c) == CONNECTION_OK && PQsetnonblocking(c, 1) == 0)
        return c;
    PQfinish(c);
    return NULL;
}

/* Commits one row; true when the server has acknowledged it. *alive: the connection is still good.
 */
static bool row_commit(PGconn *c, uint64_t number, bool *alive)
{
    char text[24];
    const char *values[] = {text};
    int64_t until = now_ns() + ANSWER_MS * 1000000LL;
    bool done = false;
    PGresult *r;

    *alive = false;
    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    if (!PQsendQueryParams(c, "insert into rows values ($1)", 1, NULL, values, NULL, NULL, 0))
        return false;
    while (PQflush(c) == 1)
        if (!wait_for(c, POLLOUT, until))
            return false;
    while (PQisBusy(c)) {
        if (!wait_for(c, POLLIN, until) || !PQconsumeInput(c))
            return false;
    }
    while ((r = PQgetResult(c)) != NULL) {
        done = PQresultStatus(r) == PGRES_COMMAND_OK;
        PQclear(r);
    }
    *alive = PQstatus(c) == CONNECTION_OK;
    return done;
}

int main(int argc, char **argv)
{
    char conninfo[1024] = "";
    uint64_t number = 0, acknowledged = 0, connections = 0;
    PGconn *c = NULL;
    FILE *log;

    if (argc < 3)
        return 2;
    for (int i = 2; i < argc; i++) {
        size_t len = strlen(conninfo);
        snprintf(conninfo + len, sizeof(conninfo) - len, "%s ", argv[i]);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, on_term);
    signal(SIGPIPE, SIG_IGN);
    log = fopen(argv[1], "w");
    if (!log) {
        perror(argv[1]);
        return 1;
    }
    setvbuf(log, NULL, _IOLBF, 0);
    while (!ended) {
        bool alive;
        if (!c) {
            c = server_connect(conninfo);
            if (!c) {
                usleep(PAUSE_MS * 1000);
                continue;
            }
            connections++;
        }
        if (row_commit(c, ++number, &alive)) {
            acknowledged++;
            if (fprintf(log, "%llu %lld\n", (unsigned long long)number, (long long)now_ns()) < 0)
                return 1;
        } else if (alive) {
            usleep(PAUSE_MS * 1000); /* refused: a server that shuts down, say */
        }
        if (!alive) {
            PQfinish(c);
            c = NULL;
        }
    }
    PQfinish(c);
    if (fclose(log) != 0)
        return 1;
    printf("%llu %llu %llu\n", (unsigned long long)acknowledged, (unsigned long long)number,
           (unsigned long long)connections);
    return 0;
}
