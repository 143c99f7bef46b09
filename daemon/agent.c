/* SPDX-License-Identifier: GPL-2.0-or-later
 * agent: see agent.h. One struct run is one ACT_AGENT_RUN, from the queue to its EV_AGENT_DONE. */
#include "config.h"
#include <assert.h>
#include <errno.h>
#include <libintl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/str.h"
#include "daemon/agent.h"
#include "daemon/agentenv.h"
#include "daemon/agentrc.h"
#include "daemon/cgroup.h"
#include "daemon/child.h"
#include "daemon/fence.h"
#include "daemon/fit.h"
#include "daemon/journal.h"
#include "daemon/procwatch.h"
#include "daemon/shell.h"
#include "daemon/spawn.h"

#define _(text) gettext(text)

/* How often, and how long apart, it is looked whether what was killed is gone: one second; at first
 * sooner, as most dies at once. */
enum { KILL_LOOKS = 20, KILL_LOOK_MS = 50, KILL_FIRST_MS = 5 };

struct run {
    struct agents *agents;
    struct run *next;
    struct act_agent act; /* its texts are copies, in bytes[] */
    struct child *child;  /* NULL: still waits */
    bool begun;           /* taken off the queue: its processes are killed, or it runs */
    bool timer_set;
    qb_loop_timer_handle timer; /* looks whether what was killed is gone */
    int killing, looks;         /* cgroup that is being emptied, -1; how often that was looked at */
    bool stopped;               /* it is emptied after a stop, of which this was the result: */
    struct agentrc result;
    char bytes[];
};

struct agents {
    struct shell *shell;
    struct child_pool *children;
    struct cgroups *groups; /* NULL: no cgroup v2 here */
    struct procwatch *watch;
    struct run *first; /* in order of arrival, waiting and running */
    unsigned n_running;
    bool pumping;
    uint8_t device_on[8192]; /* bit per slot: stonith primitives started in this life */
};

/* ---- queue ---- */

static void run_unlink(struct run *r)
{
    struct run **p = &r->agents->first;

    while (*p != r)
        p = &(*p)->next;
    *p = r->next;
}

/* Nothing of the same resource came before it. */
static bool run_is_next(const struct run *r)
{
    const struct run *before;

    for (before = r->agents->first; before != r; before = before->next)
        if (before->act.slot == r->act.slot)
            return false;
    return true;
}

/* A recurring monitor is not urgent, unless something that is waits behind it. */
static bool run_is_urgent(const struct run *r)
{
    const struct run *behind;

    for (behind = r; behind; behind = behind->next)
        if (behind->act.slot == r->act.slot && !behind->act.recurring)
            return true;
    return false;
}

static struct run *queue_pick(struct agents *a)
{
    struct run *r, *second = NULL;

    for (r = a->first; r; r = r->next) {
        if (r->begun || !run_is_next(r))
            continue;
        if (run_is_urgent(r))
            return r;
        if (!second)
            second = r;
    }
    return second;
}

static struct run *run_new(struct agents *a, const struct act_agent *act)
{
    const char *from[] = {act->id, act->class, act->provider ? act->provider : "", act->type,
                          act->action};
    char *to[ARRAY_LEN(from)];
    size_t room = act->env_len + 2, i;
    struct run *r;
    char *at;

    for (i = 0; i < ARRAY_LEN(from); i++)
        room += strlen(from[i]) + 1;
    r = calloc(1, sizeof(*r) + room);
    if (!r)
        return NULL;
    for (i = 0, at = r->bytes; i < ARRAY_LEN(from); i++) {
        to[i] = at;
        at = stpcpy(at, from[i]) + 1;
    }
    if (act->env)
        memcpy(at, act->env, act->env_len);
    r->agents = a;
    r->act = *act;
    r->act.id = to[0];
    r->act.class = to[1];
    r->act.provider = to[2];
    r->act.type = to[3];
    r->act.action = to[4];
    r->act.env = at;
    r->act.env_len = act->env ? act->env_len + 2 : 0; /* calloc has ended it */
    return r;
}

/* ---- what a run ends with ---- */

static void tell_done(struct shell *shell, const struct act_agent *act,
                      const struct agentrc *result)
{
    struct event ev = {.kind = EV_AGENT_DONE};

    ev.agent.op = act->op;
    ev.agent.rc = result->rc;
    ev.agent.timed_out = result->timed_out;
    ev.agent.not_run = result->not_run;
    ev.agent.exec_ms = result->exec_ms;
    ev.agent.reason = result->reason;
    if (!result->not_run)
        fit_read(shell->conf.run_dir, act, &ev);
    shell_event(shell, &ev);
}

static void tell_gone(void *context, uint16_t slot, const char *what)
{
    struct agents *a = context;
    struct event ev = {.kind = EV_RSC_GONE};

    ev.rsc.slot = slot;
    ev.rsc.what = what;
    shell_event(a->shell, &ev);
}

static bool device_is_on(const struct agents *a, uint16_t slot)
{
    return a->device_on[slot / 8] >> slot % 8 & 1;
}

static void device_set(struct agents *a, uint16_t slot, bool on)
{
    if (on)
        a->device_on[slot / 8] |= (uint8_t)(1u << slot % 8);
    else
        a->device_on[slot / 8] &= (uint8_t) ~(1u << slot % 8);
}

static enum procwatch_op watch_op(const struct act_agent *act, const struct agentrc *result)
{
    bool active = result->rc == AGENTRC_OK || result->rc == AGENTRC_PROMOTED ||
                  result->rc == AGENTRC_DEGRADED || result->rc == AGENTRC_DEGRADED_PROMOTED;

    if (result->not_run)
        return PROCWATCH_OTHER;
    if (str_eq(act->action, "monitor"))
        return active ? PROCWATCH_LOOKED_WELL : PROCWATCH_OTHER;
    if (str_eq(act->action, "stop"))
        return active ? PROCWATCH_STOPPED : PROCWATCH_CHANGED;
    return str_eq(act->action, "start") || str_eq(act->action, "promote") ||
                   str_eq(act->action, "demote")
               ? PROCWATCH_CHANGED
               : PROCWATCH_OTHER;
}

static void queue_pump(struct agents *a);
static void run_stopped(struct run *r, const struct agentrc *result);

/* The one way out of the queue for a run that was begun. */
static void run_end(struct run *r, const struct agentrc *result)
{
    struct agents *a = r->agents;
    char gone[PROCWATCH_WHAT_LEN];
    uint16_t slot = r->act.slot;

    procwatch_op_end(a->watch, slot, watch_op(&r->act, result), gone);
    a->n_running--;
    run_unlink(r);
    tell_done(a->shell, &r->act, result);
    free(r);
    if (gone[0])
        tell_gone(a, slot, gone);
    queue_pump(a);
}

static void run_ended(void *context, const struct child_end *end)
{
    struct run *r = context;
    struct agentrc result;

    if (str_eq(r->act.class, "stonith")) {
        agentrc_from_device(&result, end, r->act.type, r->agents->shell->conf.fence_dirs);
        if (str_eq(r->act.action, "start"))
            device_set(r->agents, r->act.slot, result.rc == 0);
    } else {
        agentrc_from_end(&result, end, &r->act, r->agents->shell->conf.agent_dirs);
        if (str_eq(r->act.action, "stop") && result.rc == AGENTRC_OK) {
            r->child = NULL;
            run_stopped(r, &result);
            return;
        }
    }
    run_end(r, &result);
}

/* ---- classes ---- */

/* What is executed, and what a class wants to know beside what all do; its second argument. */
static const char *class_set(const struct run *r, struct agentenv *env, char *program, size_t size,
                             struct child_spec *spec)
{
    const struct act_agent *act = &r->act;
    const struct conf *conf = &r->agents->shell->conf;

    spec->dirs = agentrc_dirs(act->class, conf->agent_dirs);
    if (str_eq(act->class, "ocf")) {
        snprintf(program, size, "resource.d/%s/%s", act->provider, act->type);
        agentenv_add_ocf(env, act->id, act->provider, act->type);
        if (env->root[0]) {
            spec->root_env = env->root;
            spec->root_env_size = sizeof(env->root);
        }
    } else if (str_eq(act->class, "systemd")) {
        snprintf(program, size, "%s", AGENTRC_UNIT);
        agentenv_add(env, "OCF_YOKE_RUN_DIR", conf->run_dir);
        return act->type;
    } else {
        snprintf(program, size, "%s", act->type);
        /* Else their common functions hand them over to systemd, in a cgroup that is not ours. */
        agentenv_add(env, "SYSTEMCTL_SKIP_REDIRECT", "1");
        agentenv_add(env, "_SYSTEMCTL_SKIP_REDIRECT", "1");
    }
    return NULL;
}

static int start_script(struct run *r)
{
    const struct act_agent *act = &r->act;
    struct agents *a = r->agents;
    bool status = str_eq(act->class, "lsb") && str_eq(act->action, "monitor");
    char program[CONF_PATH_LEN];
    const char *argv[] = {program, status ? "status" : act->action, NULL, NULL};
    struct agentenv *env = agentenv_new(act->env, act->env_len);
    struct child_spec spec = {.program = program,
                              .argv = (char *const *)argv,
                              .timeout_ms = act->timeout_ms,
                              .not_after_us = act->not_after_us};
    int rc;

    if (!env)
        return -ENOMEM;
    argv[2] = class_set(r, env, program, sizeof(program), &spec);
    fit_env(env, a->shell->conf.run_dir, act);
    agentenv_add_common(env);
    spec.envp = env->at;
    spec.cgroup = a->groups ? cgroups_open(a->groups, act->id) : -1;
    rc = env->full ? -E2BIG : child_start(a->children, &spec, run_ended, r, &r->child);
    if (spec.cgroup >= 0)
        close(spec.cgroup);
    agentenv_free(env);
    return rc;
}

/* A fence device as a resource: its parameters become the fence agent's standard input. */
static int start_device(struct run *r)
{
    static const char prefix[] = "OCF_RESKEY_";
    const struct act_agent *act = &r->act;
    size_t pos, len, size = act->env_len + 32;
    char *params = malloc(size);
    struct str text;
    int rc;

    if (!params)
        return -ENOMEM;
    str_init(&text, params, size);
    for (pos = 0; pos < act->env_len && act->env[pos]; pos += len + 1) {
        const char *at = act->env + pos;

        len = strlen(at);
        if (!str_starts(at, prefix) || strchr(at, '\n'))
            continue;
        at += sizeof(prefix) - 1;
        if (str_starts(at, "CRM_meta_") || str_starts(at, "crm_feature_set=") ||
            str_starts(at, "action="))
            continue;
        str_add(&text, at);
        str_add_char(&text, '\n');
    }
    str_add(&text, "action=monitor\n");
    assert(!text.cut); /* shorter than the environment it came from */
    rc = fence_start(r->agents->children, r->agents->shell->conf.fence_dirs, act->type, params,
                     act->timeout_ms, run_ended, r, &r->child);
    memset(params, 0, size); /* a password may be among them */
    free(params);
    return rc;
}

/* True when the answer is known without running anything. */
static bool answer_at_once(struct run *r, struct agentrc *result)
{
    const struct act_agent *act = &r->act;
    struct agents *a = r->agents;

    if (str_eq(act->class, "stonith")) {
        if (str_eq(act->action, "start"))
            return false;
        if (str_eq(act->action, "monitor") && device_is_on(a, act->slot))
            return false;
        if (str_eq(act->action, "stop")) {
            device_set(a, act->slot, false);
            agentrc_set(result, AGENTRC_OK, "");
        } else if (str_eq(act->action, "monitor")) {
            agentrc_set(result, AGENTRC_NOT_RUNNING, "");
        } else {
            agentrc_set(result, AGENTRC_UNIMPLEMENTED, "");
        }
        return true;
    }
    return agentrc_refuse(result, act);
}

static void run_exec(struct run *r)
{
    struct agentrc result;
    int rc;

    if (answer_at_once(r, &result)) {
        run_end(r, &result);
        return;
    }
    rc = str_eq(r->act.class, "stonith") ? start_device(r) : start_script(r);
    if (rc < 0) {
        agentrc_not_run(&result, -rc);
        run_end(r, &result);
    }
}

/* ---- what is left of a resource is killed ---- */

/* It lives on in spite of SIGKILL: it waits in the kernel, for a disk perhaps, and may write yet.
 */
static void kill_failed(pid_t left, struct agentrc *result)
{
    char name[32] = "", path[64], reason[REASON_LEN];

    snprintf(path, sizeof(path), "/proc/%d/comm", (int)left);
    FILE *f = fopen(path, "re");
    if (f && fgets(name, sizeof(name), f))
        name[strcspn(name, "\n")] = '\0';
    if (f)
        fclose(f);
    snprintf(reason, sizeof(reason), "process %d (%s) of it does not end, not even when killed",
             (int)left, name);
    agentrc_set(result, AGENTRC_GENERIC, reason);
}

static void kill_look(void *context)
{
    struct run *r = context;
    struct agents *a = r->agents;
    struct agentrc result = r->result;
    pid_t left = cgroup_kill(r->killing);

    r->timer_set = false;
    if (left && r->looks < KILL_LOOKS)
        r->timer_set = qb_loop_timer_add(a->shell->loop, QB_LOOP_HIGH,
                                         (r->looks++ ? KILL_LOOK_MS : KILL_FIRST_MS) * 1000000ull,
                                         r, kill_look, &r->timer) == 0;
    if (r->timer_set)
        return;
    close(r->killing);
    r->killing = -1;
    if (left)
        kill_failed(left, &result);
    if (left || r->stopped)
        run_end(r, &result);
    else
        run_exec(r);
    queue_pump(a);
}

/* Processes that have no cgroup of their own are left to the agent. */
static bool kill_begin(struct run *r)
{
    r->killing = r->agents->groups ? cgroups_open(r->agents->groups, r->act.id) : -1;
    if (r->killing < 0)
        return false;
    kill_look(r);
    return true;
}

/* An agent that says "stopped" is believed when the resource's cgroup is empty: what it has left
 * there could write on, beside the other node. */
static void run_stopped(struct run *r, const struct agentrc *result)
{
    r->stopped = true;
    r->result = *result;
    if (!kill_begin(r))
        run_end(r, result);
}

static void run_begin(struct run *r)
{
    struct agents *a = r->agents;
    struct agentrc result;

    a->n_running++;
    r->begun = true;
    procwatch_op_begin(a->watch, r->act.slot);
    if (r->act.not_after_us && spawn_now_us() > r->act.not_after_us) {
        agentrc_not_run(&result, ETIME);
        run_end(r, &result);
        return;
    }
    if (!r->act.kill || !kill_begin(r))
        run_exec(r);
}

static void queue_pump(struct agents *a)
{
    struct run *r;

    if (a->pumping) /* a run that ended at once came back here: the loop below goes on */
        return;
    a->pumping = true;
    while (a->n_running < AGENTS_MAX && (r = queue_pick(a)))
        run_begin(r);
    a->pumping = false;
}

/* ---- entry points ---- */

/* Where agents of other cluster managers keep what must not outlive a boot; their packages leave it
 * to systemd-tmpfiles to make it. */
static void tmp_make(const struct act_agent *act)
{
    if (act->provider && str_eq(act->provider, "heartbeat"))
        (void)mkdir("/run/resource-agents", 01755);
}

void agents_run(struct agents *a, const struct act_agent *act)
{
    struct run *r = run_new(a, act), **end = &a->first;
    struct agentrc result;

    if (!r) {
        agentrc_not_run(&result, ENOMEM);
        tell_done(a->shell, act, &result);
        return;
    }
    tmp_make(act);
    while (*end)
        end = &(*end)->next;
    *end = r;
    queue_pump(a);
}

void agents_kill(struct agents *a, uint32_t op)
{
    struct agentrc result;
    struct run *r;

    for (r = a->first; r && r->act.op != op; r = r->next)
        ;
    if (!r)
        return;
    if (r->child) {
        child_kill(r->child);
        return;
    }
    if (r->begun) /* it ends by itself soon */
        return;
    run_unlink(r);
    agentrc_not_run(&result, ECANCELED);
    tell_done(a->shell, &r->act, &result);
    free(r);
    queue_pump(a);
}

void agents_watch(struct agents *a, uint16_t slot, const char *id, bool on)
{
    procwatch_set(a->watch, slot, id, on);
}

struct child_pool *agents_children(struct agents *a)
{
    return a->children;
}

struct agents *agents_new(struct shell *s)
{
    struct agents *a = calloc(1, sizeof(*a));
    char text[256];
    struct str why;

    if (!a)
        return NULL;
    a->shell = s;
    a->children = child_pool_new(s->loop, s->conf.run_dir, child_way_best());
    if (!a->children) {
        journal_note(s->journal, SAY_ERROR, JOURNAL_AGENT,
                     _("Agents cannot be run: %s/running: %s"), s->conf.run_dir, strerror(errno));
        free(a);
        return NULL;
    }
    if (child_pool_killed(a->children))
        journal_note(s->journal, SAY_NOTICE, JOURNAL_AGENT,
                     _("%u agents that the daemon's earlier life had left running were ended"),
                     child_pool_killed(a->children));
    str_init(&why, text, sizeof(text));
    a->groups = cgroups_new(s->conf.cluster, s->conf.node[s->self].name, s->conf.run_dir, &why);
    if (!a->groups)
        journal_note(s->journal, SAY_WARN, JOURNAL_CGROUP,
                     _("Resources have no cgroup of their own here (%s): the end of a process is "
                       "noticed only where it still carries its resource's environment"),
                     text);
    a->watch = procwatch_new(s->loop, a->groups, s->conf.run_dir, tell_gone, a);
    if (!a->watch) {
        agents_free(a);
        return NULL;
    }
    return a;
}

void agents_free(struct agents *a)
{
    if (!a)
        return;
    procwatch_free(a->watch);
    child_pool_free(a->children);
    cgroups_free(a->groups);
    while (a->first) {
        struct run *r = a->first;

        a->first = r->next;
        if (r->timer_set) {
            qb_loop_timer_del(a->shell->loop, r->timer);
            close(r->killing);
        }
        free(r);
    }
    free(a);
}
