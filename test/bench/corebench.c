/* SPDX-License-Identifier: GPL-2.0-or-later
 * corebench: what a large configuration costs the core: start of N resources on two nodes
 * (or with corosync on more), steady monitoring, one heartbeat, a status request; with agents that
 * succeed at once. Not a test: it prints wall-clock figures.
 *   corebench [RESOURCES [NODES]]   1000 2 */
#include "test/unit/corelab.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *config(unsigned n, unsigned nodes, size_t size)
{
    char *text = calloc(1, size);
    size_t at = 0;
    if (!text)
        abort();
    at += (size_t)snprintf(text, size, "primitive power stonith:fence_x\n");
    for (unsigned i = 0; i + 1 < n; i++)
        at += (size_t)snprintf(text + at, size - at,
                               "primitive r%04u ocf:yoke:app params command=/srv/r%u port=%u op "
                               "monitor interval=10s timeout=20s\n",
                               i, i, 1000 + i);
    for (unsigned i = 0; i + 1 < n; i++)
        at += (size_t)snprintf(text + at, size - at, "location l%04u r%04u 100: db%u\n", i, i,
                               nodes > 2 ? i % nodes + 1 : 1);
    return text;
}

static unsigned started(struct lab *l)
{
    unsigned n = 0;
    for (unsigned p = 0; p < (l->n_nodes > 2 ? l->n_nodes : 1); p++)
        for (unsigned i = 0; i < l->at[p].n->exec.n_slots; i++)
            n += l->running[p][i];
    return n;
}

static uint64_t steps_of(const struct lab *l)
{
    uint64_t steps = 0;
    for (unsigned p = 0; p < l->n_nodes; p++)
        steps += l->at[p].steps;
    return steps;
}

static void show(struct lab *l, const char *what, double from, uint64_t steps)
{
    uint64_t now = steps_of(l);
    double took = seconds() - from;
    unsigned actions = 0;
    size_t bytes = 0;
    for (unsigned p = 0; p < l->n_nodes; p++) {
        struct lab_node *h = &l->at[p];
        actions = h->most_actions > actions ? h->most_actions : actions;
        bytes = h->most_bytes > bytes ? h->most_bytes : bytes;
        h->most_actions = 0;
        h->most_bytes = 0;
    }
    printf("%-34s %8.1f ms  %8llu steps  %7.1f us a step; most of one step %u actions, %zu bytes\n",
           what, took * 1e3, (unsigned long long)(now - steps),
           now > steps ? took * 1e6 / (double)(now - steps) : 0.0, actions, bytes);
}

int main(int argc, char **argv)
{
    unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    unsigned nodes = argc > 2 ? (unsigned)atoi(argv[2]) : 2;
    size_t bytes = 1024 * 1024;
    struct lab *l = nodes > 2 ? lab_open_ring(nodes, n, bytes) : lab_open(n, bytes);
    char *text = config(n, nodes, bytes);
    double t = seconds();
    uint64_t s = 0;
    for (unsigned p = 0; p < l->n_nodes; p++)
        lab_boot(l, p, text);
    show(l, "boot of all (parse)", t, 0);
    t = seconds();
    s = steps_of(l);
    unsigned ms = 0;
    for (; started(l) < n - 1 && ms < 600000; ms += 100)
        lab_run(l, 100);
    show(l, "probe and start all", t, s);
    printf("  %u of %u run after %u ms of virtual time\n", started(l), n, ms);
    lab_run(l, 20000);
    t = seconds();
    s = steps_of(l);
    lab_run(l, 10000);
    show(l, "10 s of monitoring", t, s);
    l->agent = NULL;
    struct cmd c = {.kind = CMD_STATUS};
    t = seconds();
    s = steps_of(l);
    lab_ask(l, 0, 1, &c);
    show(l, "status", t, s);
    printf("  %zu bytes\n", strlen(l->at[0].reply));
    struct cmd w = {.kind = CMD_SCORES};
    t = seconds();
    s = steps_of(l);
    lab_ask(l, 0, 2, &w);
    show(l, "scores", t, s);
    printf("  %zu bytes\n", strlen(l->at[0].reply));
    t = seconds();
    s = steps_of(l);
    struct event stop = {.kind = EV_STOP};
    lab_tell(l, 0, &stop);
    for (ms = 0; !l->at[0].exited && ms < 600000; ms += 100)
        lab_run(l, 100);
    show(l, "switchover: db1 leaves", t, s);
    printf("  %u ms of virtual time\n", ms);
    free(text);
    return 0;
}
