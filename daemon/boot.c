/* SPDX-License-Identifier: GPL-2.0-or-later
 * boot: builds the shell up, part by part, and takes it down again.
 *
 * Happy path: run directory, state, memory, node, modules, privileges, EV_BOOT, links, control
 * socket, signals, READY. Fails at the first part that cannot be had, after telling why and what to
 * do. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>
#include "daemon/agent.h"
#include "daemon/clock.h"
#include "daemon/control.h"
#include "daemon/corosync.h"
#include "daemon/knet.h"
#include "daemon/feeder.h"
#include "daemon/fence.h"
#include "daemon/journal.h"
#include "daemon/keep.h"
#include "daemon/link.h"
#include "daemon/planner.h"
#include "daemon/privilege.h"
#include "daemon/recorder.h"
#include "daemon/reserve.h"
#include "daemon/rundir.h"
#include "daemon/service.h"
#include "daemon/setup.h"
#include "daemon/shell.h"
#include "daemon/wake.h"
#include "lib/base/num.h"
#include "lib/wire/auth.h"
#include "lib/wire/cmd.h"

enum { PLAN_BYTES = 64 * 1024 * 1024, WHY_LEN = 768 };

/* Address space only: pages are touched as far as they are needed. */
static void *map(size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* ---- signals ---- */

static int32_t asked_to_stop(int32_t signal, void *context)
{
    struct shell *s = context;
    struct event ev = {.kind = EV_STOP};
    journal_note(s->journal, SAY_NOTICE, JOURNAL_SIGNAL,
                 _("asked to stop (signal %d): handing services over and leaving the cluster"),
                 (int)signal);
    service_stopping(s->service);
    shell_event(s, &ev);
    return 0;
}

/* As a client that waits for no answer: the same request, by the same way. */
static int32_t asked_to_start_over(int32_t signal, void *context)
{
    struct shell *s = context;
    struct cmd c = {.kind = CMD_STOP, .n_args = 1, .arg = {CMD_STOP_AGAIN}};
    uint8_t request[64];
    struct buf b;
    struct event ev = {.kind = EV_ADMIN, .admin = {.at = request, .user = "SIGHUP"}};
    (void)signal;
    if (!setup_holds(s->setup, s->journal) || links_hung(s->links) || reserves_hung(s->reserves)) {
        journal_note(s->journal, SAY_ERROR, JOURNAL_SIGNAL,
                     _("SIGHUP: nothing was done, yoked goes on with what it read at its start"));
        return 0;
    }
    buf_write_init(&b, request, sizeof request);
    cmd_put(&b, &c);
    assert(!b.bad);
    ev.admin.len = b.pos;
    shell_event(s, &ev);
    return 0;
}

static bool signals_take(struct shell *s)
{
    signal(SIGPIPE, SIG_IGN);
    return qb_loop_signal_add(s->loop, QB_LOOP_MED, SIGTERM, s, asked_to_stop, NULL) == 0 &&
           qb_loop_signal_add(s->loop, QB_LOOP_MED, SIGINT, s, asked_to_stop, NULL) == 0 &&
           qb_loop_signal_add(s->loop, QB_LOOP_LOW, SIGHUP, s, asked_to_start_over, NULL) == 0;
}

/* ---- parts ---- */

static enum shell_exit no_part(struct shell *s, const char *what)
{
    journal_note(s->journal, SAY_ERROR, JOURNAL_EXIT, _("cannot start: %s: %s"), what,
                 strerror(errno ? errno : ENOMEM));
    return SHELL_EXIT_FAULT;
}

static enum shell_exit dirs_open(struct shell *s, struct keep_found *found)
{
    char text[WHY_LEN];
    struct str why;
    str_init(&why, text, sizeof text);
    s->rundir = calloc(1, sizeof *s->rundir);
    if (!s->rundir)
        return no_part(s, _("memory"));
    enum err err = rundir_open(s->conf.run_dir, s->conf.group, s->rundir, &why);
    if (err) {
        free(s->rundir);
        s->rundir = NULL;
        journal_note(s->journal, SAY_ERROR, JOURNAL_RUN_DIR, "%s", text);
        return err == ERR_EXISTS ? SHELL_EXIT_RUNNING : SHELL_EXIT_STATE;
    }
    s->boot = s->rundir->boot;
    s->life = s->rundir->life;
    err = keep_open(s, s->conf.state_dir, &s->keep, found, &why);
    if (err) {
        journal_note(s->journal, SAY_ERROR, JOURNAL_STATE, "%s", text);
        return SHELL_EXIT_STATE;
    }
    if (found->one_slot)
        journal_note(s->journal, SAY_WARN, JOURNAL_STATE,
                     _("%s/state: one of the two copies in it is damaged, as after a power cut "
                       "while it was written; the other one is whole and used"),
                     s->conf.state_dir);
    return SHELL_EXIT_OK;
}

static bool recorder_make(struct shell *s, const struct setup *setup, uint64_t seed)
{
    struct record_head head = {
        .limits = s->limits, .self = (uint8_t)s->self, .seed = seed, .conf_text = setup->conf_text};
    s->recorder = recorder_new(s, &head);
    return s->recorder != NULL;
}

static enum shell_exit node_make(struct shell *s, const struct setup *setup)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        return no_part(s, _("random numbers"));
    s->limits = (struct limits){
        .prims = SHELL_PRIMS_MAX, .cib_bytes = SHELL_CIB_BYTES, .nodes = s->conf.n_nodes};
    s->out = map(sizeof *s->out);
    void *memory = map(node_size(&s->limits));
    s->planner = planner_new(PLAN_BYTES);
    if (!s->out || !memory || !s->planner || !recorder_make(s, setup, seed))
        return no_part(s, _("memory"));
    if (auth_mark(setup->auth, 0, s->conf.cluster, s->conf.uuid))
        return no_part(s, _("the cluster's mark"));
    s->node = node_init(memory, &s->limits, &s->conf, &s->timing, s->self, seed);
    return SHELL_EXIT_OK;
}

static enum shell_exit modules_make(struct shell *s, const struct setup *setup)
{
    s->wake = wake_new(s);
    s->service = service_new(s->loop);
    s->links = links_new(s, setup->auth);
    s->corosync = corosync_new(s);
    s->knet = knet_new(s);
    if (!s->wake || !s->service || !s->links || !s->corosync || !s->knet || !signals_take(s))
        return no_part(s, _("memory or descriptors"));
    s->agents = agents_new(s); /* these two say themselves what is wrong */
    s->fences = s->agents ? fences_new(s) : NULL;
    if (!s->fences)
        return SHELL_EXIT_FAULT;
    s->reserves = reserves_new(s);
    return s->reserves ? SHELL_EXIT_OK : no_part(s, _("memory or descriptors"));
}

static void tell_boot(struct shell *s, const struct keep_found *found)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct event ev = {
        .kind = EV_BOOT,
        .boot = {.boot = s->boot,
                 .life = s->life,
                 .kept = found->first ? NULL : &found->kept,
                 .cib_text = found->cib_text,
                 .cores = (uint16_t)num_min(num_max(1, (uint64_t)cores), SHELL_CORES_MAX)}};
    if (cores < 1)
        ev.boot.cores = 1;
    shell_event(s, &ev);
}

enum shell_exit shell_open(struct shell *s, const struct setup *setup)
{
    struct keep_found found = {.first = true};
    s->setup = setup;
    s->conf = setup->conf;
    s->timing = setup->timing;
    s->self = setup->self;
    s->loop = qb_loop_create();
    if (!s->loop)
        return no_part(s, _("main loop"));
    enum shell_exit code = dirs_open(s, &found);
    if (!code)
        code = node_make(s, setup);
    if (!code)
        code = modules_make(s, setup);
    if (!code) {
        privilege_raise(&s->conf, s->journal);
        tell_boot(s, &found);
        s->feeder = feeder_new(s);
        links_open(s->links);
        corosync_open(s->corosync);
        s->control = control_new(s);
        code = s->control && s->feeder ? SHELL_EXIT_OK : SHELL_EXIT_FAULT;
    }
    free(found.cib_text);
    if (!code)
        service_ready(s->service);
    return code;
}

void shell_close(struct shell *s)
{
    s->ended = true; /* whatever is still reported is dropped */
    control_free(s->control);
    feeder_free(s->feeder);
    knet_free(s->knet);
    corosync_free(s->corosync);
    links_free(s->links);
    reserves_free(s->reserves);
    fences_free(s->fences);
    agents_free(s->agents);
    keep_close(s->keep);
    recorder_free(s->recorder);
    if (s->wake)
        wake_free(s, s->wake);
    service_free(s->service);
    planner_free(s->planner);
    if (s->out)
        munmap(s->out, sizeof *s->out);
    if (s->node)
        munmap(s->node, node_size(&s->limits));
    if (s->rundir) {
        rundir_close(s->rundir);
        free(s->rundir);
    }
    if (s->loop)
        qb_loop_destroy(s->loop);
}
