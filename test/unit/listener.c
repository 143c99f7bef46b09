/* SPDX-License-Identifier: GPL-2.0-or-later
 * listener: see listener.h. */
#include "config.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/str.h"
#include "daemon/cgroup.h"
#include "daemon/journal.h"
#include "daemon/spawn.h"
#include "test/unit/listener.h"

struct listener listener;

static struct {
    bool (*condition)(void *data);
    void *data;
    bool met;
    unsigned ticks_left;
} waits;

uint64_t listener_now_ms(void)
{
    return spawn_now_us() / 1000;
}

void journal_note(struct journal *j, enum say_level level, enum journal_id id, const char *format,
                  ...)
{
    va_list ap;

    (void)j, (void)id;
    if (level < SAY_WARN)
        return;
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
}

void shell_event(struct shell *s, struct event *ev)
{
    struct heard *h = &listener.heard[listener.n];

    (void)s;
    if (listener.n == LISTENER_MAX)
        abort();
    memset(h, 0, sizeof(*h));
    h->kind = ev->kind;
    h->at_ms = listener_now_ms();
    switch (ev->kind) {
    case EV_AGENT_DONE:
        h->number = ev->agent.op;
        h->rc = ev->agent.rc;
        h->timed_out = ev->agent.timed_out;
        h->not_run = ev->agent.not_run;
        str_copy(h->text, sizeof(h->text), ev->agent.reason);
        break;
    case EV_FENCE_DONE:
        h->number = ev->fence.op;
        h->rc = ev->fence.rc;
        h->timed_out = ev->fence.timed_out;
        str_copy(h->text, sizeof(h->text), ev->fence.reason);
        break;
    case EV_RSC_GONE:
        h->number = h->slot = ev->rsc.slot;
        str_copy(h->text, sizeof(h->text), ev->rsc.what);
        break;
    case EV_ADMIN:
        h->number = ev->admin.client;
        str_copy(h->text, sizeof(h->text), ev->admin.user);
        break;
    case EV_ADMIN_GONE: h->number = ev->admin_gone.client; break;
    default: abort();
    }
    listener.n++;
    if (ev->kind == EV_ADMIN && listener.on_admin)
        listener.on_admin(&listener, ev);
}

void listener_file(const char *name, unsigned mode, const char *text)
{
    char path[512];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", listener.dir, name);
    f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, mode) != 0)
        abort();
}

void listener_agent(const char *name, const char *body)
{
    char path[256], text[4096];

    snprintf(path, sizeof(path), "ocf/resource.d/t/%s", name);
    snprintf(text, sizeof(text), "#!/bin/sh\nD='%s'\n%s\n", listener.dir, body);
    listener_file(path, 0755, text);
}

void listener_fence(const char *name, const char *body)
{
    char path[256], text[4096];

    snprintf(path, sizeof(path), "fence/%s", name);
    snprintf(text, sizeof(text), "#!/bin/sh\nD='%s'\n%s\n", listener.dir, body);
    listener_file(path, 0755, text);
}

const char *listener_read(const char *name)
{
    static char text[65536];
    char path[512];
    size_t n = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", listener.dir, name);
    f = fopen(path, "r");
    if (f) {
        n = fread(text, 1, sizeof(text) - 1, f);
        fclose(f);
    }
    text[n] = '\0';
    return text;
}

static void tick(void *data)
{
    qb_loop_timer_handle handle;

    (void)data;
    waits.met = waits.condition && waits.condition(waits.data);
    if (waits.met || waits.ticks_left-- == 0)
        qb_loop_stop(listener.shell.loop);
    else
        qb_loop_timer_add(listener.shell.loop, QB_LOOP_LOW, 5 * 1000000ull, NULL, tick, &handle);
}

bool listener_until(bool (*condition)(void *data), void *data)
{
    waits.condition = condition;
    waits.data = data;
    waits.ticks_left = LISTENER_WAIT_MS / 5;
    tick(NULL);
    if (!waits.met)
        qb_loop_run(listener.shell.loop);
    return waits.met;
}

void listener_for(unsigned ms)
{
    waits.condition = NULL;
    waits.ticks_left = ms / 5;
    tick(NULL);
    qb_loop_run(listener.shell.loop);
}

struct wanted {
    enum ev_kind kind;
    uint32_t number;
    const struct heard *found;
};

static bool is_heard(void *data)
{
    struct wanted *w = data;
    unsigned i;

    for (i = 0; i < listener.n; i++)
        if (listener.heard[i].kind == w->kind && listener.heard[i].number == w->number)
            w->found = &listener.heard[i];
    return w->found != NULL;
}

const struct heard *listener_hear(enum ev_kind kind, uint32_t number)
{
    struct wanted w = {.kind = kind, .number = number};

    listener_until(is_heard, &w);
    return w.found;
}

unsigned listener_count(enum ev_kind kind)
{
    unsigned i, n = 0;

    for (i = 0; i < listener.n; i++)
        n += listener.heard[i].kind == kind;
    return n;
}

static bool is_there(void *data)
{
    return strchr(listener_read(data), '\n') != NULL;
}

bool listener_file_there(const char *name)
{
    return listener_until(is_there, (void *)name);
}

bool process_alive(int pid)
{
    struct spawn_stat st;

    return spawn_stat(pid, &st) && st.state != 'Z' && st.state != 'X';
}

static bool is_gone(void *data)
{
    return !process_alive(*(int *)data);
}

bool process_gone(int pid)
{
    return listener_until(is_gone, &pid);
}

static void folder(const char *name)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", listener.dir, name);
    if (mkdir(path, 0755) != 0)
        abort();
}

static int main_pid;
static char root[128];

static struct cgroups *groups_open(struct str *why)
{
    char cluster[CONF_NAME_LEN];

    snprintf(cluster, sizeof(cluster), "test%d", main_pid);
    return cgroups_new(cluster, "one", root, why);
}

bool listener_begin(struct str *why)
{
    const char *tmp = getenv("TMPDIR");
    struct cgroups *g;

    main_pid = getpid();
    snprintf(root, sizeof(root), "%.100s/yoke-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(root) || chmod(root, 0755) != 0)
        abort();
    g = groups_open(why);
    cgroups_free(g);
    return g != NULL;
}

void listener_open(void)
{
    struct conf *conf = &listener.shell.conf;

    memset(&listener, 0, sizeof(listener));
    snprintf(listener.dir, sizeof(listener.dir), "%s/%d", root, (int)getpid());
    if (mkdir(listener.dir, 0755) != 0)
        abort();
    folder("run");
    folder("fence");
    folder("ocf");
    folder("ocf/resource.d");
    folder("ocf/resource.d/t");
    snprintf(conf->cluster, sizeof(conf->cluster), "test%d", main_pid);
    str_copy(conf->node[0].name, sizeof(conf->node[0].name), "one");
    conf->n_nodes = 1;
    str_copy(conf->group, sizeof(conf->group), "yoke-no-such-group");
    snprintf(conf->run_dir, sizeof(conf->run_dir), "%.150s/run", listener.dir);
    snprintf(conf->agent_dirs, sizeof(conf->agent_dirs), "/nonexistent:%.150s/ocf", listener.dir);
    snprintf(conf->fence_dirs, sizeof(conf->fence_dirs), "%.150s/fence", listener.dir);
    listener.shell.loop = qb_loop_create();
}

void listener_close(void)
{
    qb_loop_destroy(listener.shell.loop);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void listener_end(void)
{
    char ignored[256], path[600];
    struct str why;
    struct cgroups *g;
    FILE *f;
    int i;

    str_init(&why, ignored, sizeof(ignored));
    g = groups_open(&why);
    if (g) {
        snprintf(path, sizeof(path), "%s/cgroup.kill", cgroups_path(g));
        f = fopen(path, "w");
        if (f) {
            fputs("1", f);
            fclose(f);
        }
        *strrchr(path, '/') = '\0';
        cgroups_free(g);
        for (i = 0; i < 100 && rmdir(path) != 0; i++) {
            usleep(20000);
            cgroups_free(groups_open(&why)); /* removes what has become empty */
        }
        *strrchr(path, '/') = '\0';
        rmdir(path);
    }
    nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
