/* SPDX-License-Identifier: GPL-2.0-or-later
 * fence: see fence.h. Fence agents take no place in the agents' queue: they run at once. */
#include "config.h"
#include <assert.h>
#include <errno.h>
#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/str.h"
#include "daemon/agent.h"
#include "daemon/agentenv.h"
#include "daemon/fence.h"
#include "daemon/shell.h"

#define _(text) gettext(text)

struct fencing {
    struct fences *fences;
    struct fencing *next;
    uint32_t op;
    char agent[CONF_NAME_LEN];
    struct child *child;
};

struct fences {
    struct shell *shell;
    struct fencing *first;
};

int fence_start(struct child_pool *children, const char *dirs, const char *agent,
                const char *params, uint32_t timeout_ms, child_end_fn *fn, void *context,
                struct child **out)
{
    struct agentenv *env;
    char *argv[] = {(char *)agent, NULL};
    struct child_spec spec = {.dirs = dirs,
                              .program = agent,
                              .argv = argv,
                              .input = params,
                              .input_len = strlen(params),
                              .cgroup = -1,
                              .timeout_ms = timeout_ms};
    int rc;

    if (!agent[0] || agent[0] == '.' || strchr(agent, '/'))
        return -EINVAL;
    env = agentenv_new(NULL, 0);
    if (!env)
        return -ENOMEM;
    agentenv_add_common(env);
    spec.envp = env->at;
    rc = child_start(children, &spec, fn, context, out);
    agentenv_free(env);
    return rc;
}

bool fence_confirmed(const struct child_end *end)
{
    return end->exec_errno == 0 && end->signal == 0 && end->exit_code == 0 && !end->timed_out &&
           !end->killed && !end->stuck;
}

void fence_reason(const struct child_end *end, const char *agent, const char *dirs, struct str *out)
{
    if (end->exec_errno == ENOENT)
        str_addf(out, _("%s is not installed in %s"), agent, dirs);
    else if (end->exec_errno)
        str_addf(out, _("cannot execute %s: %s"), agent, strerror(end->exec_errno));
    else if (end->last_line[0])
        str_add(out, end->last_line);
    else if (end->timed_out)
        str_addf(out, _("%s did not end within %u ms"), agent, (unsigned)end->ran_ms);
    else if (end->signal)
        str_addf(out, _("%s was killed by signal %d"), agent, end->signal);
    else if (end->exit_code)
        str_addf(out, _("%s ended with exit code %d"), agent, end->exit_code);
}

static void fence_tell(struct shell *shell, uint32_t op, int rc, bool timed_out, const char *reason)
{
    struct event ev = {.kind = EV_FENCE_DONE};

    ev.fence.op = op;
    ev.fence.rc = rc;
    ev.fence.timed_out = timed_out;
    ev.fence.reason = reason;
    shell_event(shell, &ev);
}

static void fencing_unlink(struct fencing *f)
{
    struct fencing **p = &f->fences->first;

    while (*p != f)
        p = &(*p)->next;
    *p = f->next;
}

static void fence_ended(void *context, const struct child_end *end)
{
    struct fencing *f = context;
    struct shell *shell = f->fences->shell;
    char text[REASON_LEN];
    struct str reason;
    uint32_t op = f->op;
    int rc = fence_confirmed(end) ? 0 : end->exit_code ? end->exit_code : 1;

    str_init(&reason, text, sizeof(text));
    fence_reason(end, f->agent, shell->conf.fence_dirs, &reason);
    fencing_unlink(f);
    free(f);
    fence_tell(shell, op, rc, end->timed_out, text);
}

void fences_run(struct fences *fences, const struct act_fence *run)
{
    struct fencing *f = calloc(1, sizeof(*f));
    char text[REASON_LEN];
    int rc = -ENOMEM;

    assert(run->agent && run->params);
    if (f) {
        f->fences = fences;
        f->op = run->op;
        str_copy(f->agent, sizeof(f->agent), run->agent);
        f->next = fences->first;
        fences->first = f;
        rc = fence_start(agents_children(fences->shell->agents), fences->shell->conf.fence_dirs,
                         run->agent, run->params, run->timeout_ms, fence_ended, f, &f->child);
    }
    if (rc == 0)
        return;
    if (f) {
        fencing_unlink(f);
        free(f);
    }
    snprintf(text, sizeof(text), "cannot start %s: %s", run->agent, strerror(-rc));
    fence_tell(fences->shell, run->op, 1, false, text);
}

struct fences *fences_new(struct shell *s)
{
    struct fences *f = calloc(1, sizeof(*f));

    if (f)
        f->shell = s;
    return f;
}

void fences_free(struct fences *f)
{
    if (!f)
        return;
    while (f->first) {
        struct fencing *one = f->first;

        f->first = one->next;
        free(one); /* the process itself ends with the pool of children; no event comes any more */
    }
    free(f);
}
