/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_agent: real agents, run by the daemon's code: results, time-outs, floods, what is left behind,
 * the death of a service. No cluster; what needs cgroup v2 or root is skipped where there is none.
 */
#include "config.h"
#include <check.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/str.h"
#include "daemon/agent.h"
#include "daemon/agentrc.h"
#include "daemon/cgroup.h"
#include "daemon/fence.h"
#include "test/unit/listener.h"

static struct agents *agents;
static uint32_t last_op;

static void setup(void)
{
    listener_open();
    last_op = 0;
    listener.shell.agents = agents = agents_new(&listener.shell);
    ck_assert_ptr_nonnull(agents);
    listener.shell.fences = fences_new(&listener.shell);
}

static void teardown(void)
{
    fences_free(listener.shell.fences);
    agents_free(agents);
    listener_close();
}

static struct act_agent act(uint16_t slot, const char *type, const char *action)
{
    static char id[20][16];

    snprintf(id[slot % 20], sizeof(id[0]), "rsc%u", (unsigned)slot);
    return (struct act_agent){.op = ++last_op,
                              .slot = slot,
                              .id = id[slot % 20],
                              .class = "ocf",
                              .provider = "t",
                              .type = type,
                              .action = action,
                              .timeout_ms = 15000,
                              .env = "",
                              .env_len = 1};
}

static uint32_t run(uint16_t slot, const char *type, const char *action)
{
    struct act_agent a = act(slot, type, action);

    agents_run(agents, &a);
    return a.op;
}

static uint32_t run_unit(const char *unit, const char *action)
{
    struct act_agent a = act(0, unit, action);

    a.class = "systemd";
    a.provider = NULL;
    agents_run(agents, &a);
    return a.op;
}

static const struct heard *done(uint32_t op)
{
    const struct heard *h = listener_hear(EV_AGENT_DONE, op);

    ck_assert_msg(h != NULL, "operation %u did not end", op);
    return h;
}

static int number_in(const char *file)
{
    ck_assert_msg(listener_file_there(file), "%s was not written", file);
    return atoi(listener_read(file));
}

START_TEST(exit_codes)
{
    static const struct {
        int code, rc;
    } row[] = {{0, 0}, {1, 1}, {5, 5}, {7, 7}, {9, 9}, {190, 190}, {191, 191}, {10, 1}, {77, 1}};
    char body[64], name[32];

    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        snprintf(name, sizeof(name), "e%d", row[i].code);
        snprintf(body, sizeof(body), "exit %d", row[i].code);
        listener_agent(name, body);
        const struct heard *h = done(run(0, name, "start"));
        ck_assert_int_eq(h->rc, row[i].rc);
        ck_assert(!h->timed_out && !h->not_run);
    }
    listener_agent("killed", "kill -SEGV $$");
    const struct heard *h = done(run(0, "killed", "start"));
    ck_assert_int_eq(h->rc, 1);
    ck_assert_ptr_nonnull(strstr(h->text, "signal 11"));
}
END_TEST

START_TEST(surroundings)
{
    static const char env[] = "OCF_RESKEY_size=3 m\0OCF_RESKEY_CRM_meta_timeout=15000\0";
    static const char *const wanted[] = {"OCF_RESKEY_size=3 m\n",
                                         "OCF_RESKEY_CRM_meta_timeout=15000\n",
                                         "OCF_RA_VERSION_MAJOR=1\n",
                                         "OCF_RA_VERSION_MINOR=1\n",
                                         "OCF_RESOURCE_INSTANCE=rsc3\n",
                                         "OCF_RESOURCE_TYPE=look\n",
                                         "OCF_RESOURCE_PROVIDER=t\n",
                                         "OCF_EXIT_REASON_PREFIX=ocf-exit-reason:\n",
                                         "HA_LOGFACILITY=daemon\n",
                                         "ARGS=1:monitor\n",
                                         "CWD=/\n",
                                         "UMASK=0022\n"};
    struct act_agent a = act(3, "look", "monitor");
    char line[512];

    setenv("SECRET_OF_THE_DAEMON", "1", 1);
    signal(SIGPIPE, SIG_IGN);
    int extra = dup2(1, 50); /* not close-on-exec: must be closed all the same */
    listener_agent("look", "{ env; echo \"ARGS=$#:$1\"; echo CWD=$(pwd); echo UMASK=$(umask); "
                           "echo FDS=$(ls /proc/$$/fd | tr '\\n' ,); "
                           "grep -E '^Sig(Blk|Ign)' /proc/self/status; "
                           "echo SESSION=$(cut -d' ' -f6 /proc/$$/stat):$$; } > $D/seen 2>&1");
    a.env = env;
    a.env_len = sizeof(env);
    agents_run(agents, &a);
    ck_assert_int_eq(done(a.op)->rc, 0);
    close(extra);
    const char *seen = listener_read("seen");
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        ck_assert_msg(strstr(seen, wanted[i]) != NULL, "%s is missing in:\n%s", wanted[i], seen);
    snprintf(line, sizeof(line), "\nOCF_ROOT=%s/ocf\n", listener.dir);
    ck_assert_msg(strstr(seen, line) != NULL, "%s is missing in:\n%s", line, seen);
    ck_assert_ptr_null(strstr(seen, "SECRET_OF_THE_DAEMON"));
    ck_assert_ptr_nonnull(strstr(seen, "SigBlk:\t0000000000000000\n"));
    /* Signals 32 and 33 are the C library's own; whoever started the test may have them ignored,
     * and nobody can reset them. */
    unsigned long long ignored = ~0ull;
    ck_assert_int_eq(sscanf(strstr(seen, "SigIgn:"), "SigIgn:\t%llx", &ignored), 1);
    ck_assert_uint_eq(ignored & ~(3ull << 31), 0);
    int session = 0, pid = -1;
    ck_assert_int_eq(sscanf(strstr(seen, "SESSION="), "SESSION=%d:%d", &session, &pid), 2);
    ck_assert_int_eq(session, pid);
    ck_assert_ptr_null(strstr(strstr(seen, "FDS="), ",50,"));
}
END_TEST

START_TEST(reason_is_the_last_one)
{
    listener_agent("why",
                   "echo ocf-exit-reason:first >&2; echo noise >&2\n"
                   "echo 'ocf-exit-reason:the disk is gone' >&2; echo more noise >&2; exit 1");
    const struct heard *h = done(run(0, "why", "start"));
    ck_assert_int_eq(h->rc, 1);
    ck_assert_str_eq(h->text, "the disk is gone");
    listener_agent("mute", "echo only noise >&2; exit 1");
    ck_assert_str_eq(done(run(0, "mute", "start"))->text, "");
}
END_TEST

START_TEST(timeout_kills_all_of_it)
{
    listener_agent("hang", "sleep 300 &\necho $! > $D/child\n"
                           "setsid sleep 301 &\necho $! > $D/session\n"
                           "echo ocf-exit-reason:waits for the lock >&2\nwait");
    struct act_agent a = act(0, "hang", "monitor");
    a.timeout_ms = 500;
    agents_run(agents, &a);
    int child = number_in("child"), session = number_in("session");
    const struct heard *h = done(a.op);
    ck_assert(h->timed_out);
    ck_assert_int_eq(h->rc, 1);
    ck_assert_str_eq(h->text, "waits for the lock");
    ck_assert(process_gone(child));
    ck_assert(process_gone(session));
}
END_TEST

START_TEST(kill_on_request)
{
    listener_agent("hang", "echo $$ > $D/pid; sleep 300");
    uint32_t first = run(0, "hang", "start"), second = run(0, "hang", "stop");
    int pid = number_in("pid");
    agents_kill(agents, second); /* still waits: the same resource */
    const struct heard *h = done(second);
    ck_assert(h->not_run);
    ck_assert(process_alive(pid));
    agents_kill(agents, first);
    h = done(first);
    ck_assert_int_eq(h->rc, 1);
    ck_assert(!h->timed_out);
    ck_assert(process_gone(pid));
    agents_kill(agents, 4711); /* a forgotten one */
    ck_assert_uint_eq(listener_count(EV_AGENT_DONE), 2);
}
END_TEST

/* "Stopped" is believed only when nothing is left in the resource's cgroup. */
START_TEST(stop_that_leaves_something)
{
    listener_agent("leaves", "case $1 in start) setsid sleep 300 </dev/null >/dev/null 2>&1 & "
                             "echo $! >$D/left.pid ;; esac");
    ck_assert_int_eq(done(run(0, "leaves", "start"))->rc, 0);
    int pid = number_in("left.pid");
    ck_assert_int_eq(kill(pid, 0), 0);
    ck_assert_int_eq(done(run(0, "leaves", "stop"))->rc, 0);
    ck_assert_msg(process_gone(pid), "process %d outlived its resource", pid);
}
END_TEST

/* What SIGKILL does not end (it waits for a disk; here for a frozen file system) may still write.
 */
START_TEST(stop_that_cannot_be_proven)
{
    char command[1024];
    /* in a mount namespace of this test's own process */
    ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
    snprintf(command, sizeof(command),
             "mount --make-rprivate / && cd %s && truncate -s 16M image && mkfs.ext4 -q image && "
             "mkdir at && "
             "mount -o loop image at && fsfreeze -f at",
             listener.dir);
    ck_assert_int_eq(system(command), 0); /* NOLINT(cert-env33-c): a test */
    listener_agent(
        "stuck",
        "export D; case $1 in start) setsid sh -c 'echo $$ >$D/stuck.pid; echo x >$D/at/f' "
        "</dev/null >/dev/null 2>&1 & until [ -s $D/stuck.pid ]; do sleep 0.02; "
        "done; sleep 0.2 ;; esac");
    ck_assert_int_eq(done(run(0, "stuck", "start"))->rc, 0);
    int pid = number_in("stuck.pid");
    const struct heard *h = done(run(0, "stuck", "stop"));
    int rc = h->rc;
    bool named = strstr(h->text, "does not end") != NULL;
    /* before anything can fail here: who is frozen is never let go by unmounting */
    snprintf(command, sizeof(command),
             "cd %s && fsfreeze -u at && until umount at; do sleep 0.1; done", listener.dir);
    ck_assert_int_eq(system(command), 0); /* NOLINT(cert-env33-c) */
    ck_assert_int_eq(rc, 1);
    ck_assert(named);
    ck_assert(process_gone(pid));
}
END_TEST

START_TEST(flood)
{
    listener_agent("flood", "head -c 400000 /dev/zero | tr '\\0' x >&2; echo >&2\n"
                            "head -c 4000000 /dev/zero\n"
                            "yes noise | head -c 120000 >&2\n"
                            "echo 'ocf-exit-reason:after the flood' >&2; exit 1");
    const struct heard *h = done(run(0, "flood", "monitor"));
    ck_assert(!h->timed_out);
    ck_assert_str_eq(h->text, "after the flood");
}
END_TEST

START_TEST(children_that_hold_stderr)
{
    listener_agent("leave", "(sleep 60; true) &\necho $! > $D/holder\n"
                            "(while ! [ -e $D/go ]; do sleep 0.05; done\n"
                            " echo late >&2; echo later >&2; echo alive > $D/alive) &\n"
                            "echo ocf-exit-reason:said in time >&2; exit 1");
    uint64_t began = listener_now_ms();
    const struct heard *h = done(run(0, "leave", "start"));
    ck_assert_str_eq(h->text, "said in time");
    ck_assert_uint_lt(h->at_ms - began, 15000); /* the holder would keep it for a minute */
    listener_file("go", 0644, "");
    ck_assert_msg(listener_file_there("alive"), "a writer that was left behind did not survive");
    kill(number_in("holder"), SIGKILL);
}
END_TEST

START_TEST(not_there)
{
    const struct heard *h = done(run(0, "missing", "start"));
    ck_assert_int_eq(h->rc, 5);
    ck_assert(!h->not_run);
    ck_assert_ptr_nonnull(strstr(h->text, "resource.d/t/missing is not installed"));

    listener_file("ocf/resource.d/t/plain", 0644, "#!/bin/sh\nexit 0\n");
    h = done(run(0, "plain", "start"));
    ck_assert_int_eq(h->rc, 5);
    ck_assert_ptr_nonnull(strstr(h->text, "cannot be executed"));

    listener_file("ocf/resource.d/t/nointerpreter", 0755, "#!/nonexistent/sh\nexit 0\n");
    ck_assert_int_eq(done(run(0, "nointerpreter", "start"))->rc, 5);
    ck_assert_int_eq(done(run(0, "../t/plain", "start"))->rc, 5);

    setenv("YOKE_LIBEXEC_DIR", "/nonesuch", 1);
    h = done(run_unit("x.service", "start"));
    unsetenv("YOKE_LIBEXEC_DIR");
    ck_assert_int_eq(h->rc, 5);
    ck_assert_ptr_nonnull(strstr(h->text, "yoke-unit is not installed below /nonesuch"));
}
END_TEST

START_TEST(not_after)
{
    listener_agent("mark", "echo ran > $D/ran; exit 0");
    struct act_agent a = act(0, "mark", "start");
    a.not_after_us = listener_now_ms() * 1000 - 1000;
    agents_run(agents, &a);
    const struct heard *h = done(a.op);
    ck_assert(h->not_run);
    ck_assert_str_eq(listener_read("ran"), "");
    a = act(0, "mark", "start");
    a.not_after_us = (listener_now_ms() + 60000) * 1000;
    agents_run(agents, &a);
    h = done(a.op);
    ck_assert(!h->not_run);
    ck_assert_int_eq(h->rc, 0);
}
END_TEST

START_TEST(queue_keeps_order_and_cap)
{
    /* Two of one resource never overlap and keep their order. */
    listener_agent("log", "echo \"+$1\" >> $D/log; sleep 0.1; echo \"-$1\" >> $D/log");
    run(0, "log", "start");
    run(0, "log", "monitor");
    uint32_t stop = run(0, "log", "stop");
    done(stop);
    ck_assert_str_eq(listener_read("log"), "+start\n-start\n+monitor\n-monitor\n+stop\n-stop\n");

    /* Two resources run at once: each waits for the other's mark. */
    listener_agent("meet", "touch $D/met.$1; for i in $(seq 200); do\n"
                           "[ -e $D/met.start ] && [ -e $D/met.stop ] && exit 0; sleep 0.05; done\n"
                           "exit 1");
    uint32_t a = run(1, "meet", "start"), b = run(2, "meet", "stop");
    ck_assert_int_eq(done(a)->rc, 0);
    ck_assert_int_eq(done(b)->rc, 0);
}
END_TEST

START_TEST(cap_and_recurring_last)
{
    listener_agent("hold", "while ! [ -e $D/go ]; do sleep 0.2; done");
    listener_agent("note", "echo $1 >> $D/order");
    for (unsigned i = 0; i < AGENTS_MAX; i++)
        run((uint16_t)(100 + i), "hold", "start");
    struct act_agent a = act(1, "note", "monitor");
    a.recurring = true;
    agents_run(agents, &a);
    uint32_t late = run(2, "note", "start");
    listener_for(300);
    ck_assert_str_eq(listener_read("order"), ""); /* AGENTS_MAX run already */
    agents_kill(agents, 1);
    done(late);
    ck_assert(str_starts(listener_read("order"), "start\n"));
    listener_file("go", 0644, "");
    done(a.op);
    for (uint32_t op = 1; op <= AGENTS_MAX; op++)
        done(op);
}
END_TEST

static void service_agent(void)
{
    listener_agent("svc", "case $1 in\n"
                          "start) setsid sleep 300 </dev/null >/dev/null 2>&1 & echo $! > $D/svc; "
                          "until grep -qx sleep /proc/$!/comm; do sleep 0.01; done;;\n"
                          "stop) kill -9 $(cat $D/svc);;\n"
                          "monitor) kill -0 $(cat $D/svc) || exit 7;;\n"
                          "slow) touch $D/slow; sleep 1;; esac\nexit 0");
}

START_TEST(death_of_a_service)
{
    service_agent();
    ck_assert_int_eq(done(run(0, "svc", "start"))->rc, 0);
    int pid = number_in("svc");
    ck_assert_msg(process_alive(pid), "the service did not outlive its start");
    agents_watch(agents, 0, "rsc0", true);
    ck_assert_int_eq(done(run(0, "svc", "monitor"))->rc, 0);
    listener_for(200);
    ck_assert_uint_eq(listener_count(EV_RSC_GONE), 0);
    kill(pid, SIGKILL);
    const struct heard *h = listener_hear(EV_RSC_GONE, 0);
    ck_assert_msg(h != NULL, "the service's death was not noticed");
    ck_assert_msg(strstr(h->text, "(sleep) ended") != NULL, "said: %s", h->text);
    listener_for(200);
    ck_assert_uint_eq(listener_count(EV_RSC_GONE), 1); /* told once */
}
END_TEST

START_TEST(death_during_a_stop_is_no_news)
{
    service_agent();
    done(run(0, "svc", "start"));
    agents_watch(agents, 0, "rsc0", true);
    ck_assert_int_eq(done(run(0, "svc", "stop"))->rc, 0);
    ck_assert(process_gone(number_in("svc")));
    listener_for(200);
    ck_assert_uint_eq(listener_count(EV_RSC_GONE), 0);
}
END_TEST

START_TEST(death_during_a_monitor_is_told_after_it)
{
    listener_agent("late",
                   "case $1 in\n"
                   "start) setsid sleep 300 </dev/null >/dev/null 2>&1 & echo $! > $D/svc; "
                   "until grep -qx sleep /proc/$!/comm; do sleep 0.01; done;;\n"
                   "monitor) echo > $D/slow; while ! [ -e $D/go ]; do sleep 0.05; done;; esac");
    done(run(0, "late", "start"));
    int pid = number_in("svc");
    agents_watch(agents, 0, "rsc0", true);
    uint32_t op = run(0, "late", "monitor");
    ck_assert(listener_file_there("slow"));
    kill(pid, SIGKILL);
    listener_for(200);
    ck_assert_uint_eq(listener_count(EV_RSC_GONE), 0);
    listener_file("go", 0644, "");
    done(op);
    ck_assert_ptr_nonnull(listener_hear(EV_RSC_GONE, 0));
    ck_assert_int_eq(listener.heard[listener.n - 1].kind, EV_RSC_GONE);
}
END_TEST

START_TEST(watch_off)
{
    service_agent();
    done(run(0, "svc", "start"));
    int pid = number_in("svc");
    agents_watch(agents, 0, "rsc0", true);
    agents_watch(agents, 0, "rsc0", false);
    kill(pid, SIGKILL);
    ck_assert(process_gone(pid));
    listener_for(200);
    ck_assert_uint_eq(listener_count(EV_RSC_GONE), 0);
}
END_TEST

START_TEST(no_monitor_for_ever)
{
    /* A resource without processes whose monitor leaves a short-lived one behind: its end is no
     * news, or each monitor would call for the next. */
    listener_agent("addr", "(sleep 0.1) </dev/null >/dev/null 2>&1 &\nexit 0");
    done(run(0, "addr", "start"));
    listener_for(300);
    agents_watch(agents, 0, "rsc0", true);
    unsigned before = listener_count(EV_RSC_GONE);
    done(run(0, "addr", "monitor"));
    listener_for(400);
    done(run(0, "addr", "monitor"));
    listener_for(400);
    ck_assert_uint_eq(listener_count(EV_RSC_GONE), before);
}
END_TEST

START_TEST(daemon_restart)
{
    service_agent();
    listener_agent("hang", "echo $$ > $D/hang; sleep 300");
    done(run(0, "svc", "start"));
    int pid = number_in("svc");
    uint32_t op = run(1, "hang", "start");
    int hanging = number_in("hang");
    (void)op;

    /* A new life while the old one's agent still runs: as after a kill of the daemon. */
    struct agents *old = agents;
    agents = listener.shell.agents = agents_new(&listener.shell);
    ck_assert_ptr_nonnull(agents);
    ck_assert_msg(!process_alive(hanging), "an agent of an earlier life still runs");
    ck_assert_msg(process_alive(pid), "a restart of the daemon disturbed a service");
    agents_free(old);

    /* What began in the same hundredth of a second as a monitor counts as the monitor's. */
    listener_for(20);
    ck_assert_int_eq(done(run(0, "svc", "monitor"))->rc, 0);
    agents_watch(agents, 0, "rsc0", true);
    kill(pid, SIGKILL);
    ck_assert_msg(listener_hear(EV_RSC_GONE, 0) != NULL, "the new life does not watch");
}
END_TEST

START_TEST(own_cgroup)
{
    listener_agent("where", "cat /proc/$$/cgroup > $D/cgroup");
    done(run(7, "where", "start"));
    ck_assert_ptr_nonnull(strstr(listener_read("cgroup"), ".one/rsc7\n"));
}
END_TEST

START_TEST(lsb_codes)
{
    ck_assert_int_eq(agentrc_from_lsb("monitor", 0), 0);
    ck_assert_int_eq(agentrc_from_lsb("monitor", 1), 7);
    ck_assert_int_eq(agentrc_from_lsb("monitor", 2), 7);
    ck_assert_int_eq(agentrc_from_lsb("monitor", 3), 7);
    ck_assert_int_eq(agentrc_from_lsb("monitor", 4), 1);
    ck_assert_int_eq(agentrc_from_lsb("start", 0), 0);
    ck_assert_int_eq(agentrc_from_lsb("start", 7), 1);
    ck_assert_int_eq(agentrc_from_lsb("stop", 7), 0);
    ck_assert_int_eq(agentrc_from_lsb("stop", 5), 5);
    ck_assert_int_eq(agentrc_from_lsb("start", 200), 1);
    struct act_agent a = act(0, "no-such-script-at-all", "start");
    a.class = "lsb";
    agents_run(agents, &a);
    ck_assert_int_eq(done(a.op)->rc, 5);
    a = act(0, "no-such-script-at-all", "promote");
    a.class = "lsb";
    agents_run(agents, &a);
    ck_assert_int_eq(done(a.op)->rc, 3);
}
END_TEST

/* Beside the agent's words and codes: the main process of a unit, which is not our child and in
 * none of our cgroups, is watched. */
START_TEST(units)
{
    char dir[300], text[512];
    pid_t pid = fork();

    if (pid == 0) {
        execlp("sleep", "sleep", "300", (char *)NULL);
        _exit(1);
    }
    ck_assert_int_gt(pid, 0);
    snprintf(dir, sizeof(dir), "%s/libexec", listener.dir);
    ck_assert_int_eq(mkdir(dir, 0700), 0);
    setenv("YOKE_LIBEXEC_DIR", dir, 1);
    snprintf(text, sizeof(text),
             "#!/bin/sh\n[ \"$2\" = a@b ] || exit 6\n"
             "case $1 in start) mkdir $OCF_YOKE_RUN_DIR/unit\n"
             "set -- $(cat /proc/%d/stat); echo %d ${22} /x >$OCF_YOKE_RUN_DIR/unit/rsc0 ;;\n"
             "monitor) echo 'ocf-exit-reason:it is enabled' >&2; exit 190 ;;\n"
             "stop) echo 'not a reason' >&2; exit 1; esac\n",
             (int)pid, (int)pid);
    listener_file("libexec/yoke-unit", 0755, text);
    ck_assert_int_eq(done(run_unit("a@b", "start"))->rc, 0);
    agents_watch(agents, 0, "rsc0", true);
    const struct heard *h = done(run_unit("a@b", "monitor"));
    ck_assert_int_eq(h->rc, 190);
    ck_assert_str_eq(h->text, "it is enabled");
    ck_assert_int_eq(done(run_unit("a@b", "stop"))->rc, 1);
    ck_assert_int_eq(done(run_unit("a@b", "promote"))->rc, 3);
    listener_for(100);
    ck_assert_uint_eq(listener_count(EV_RSC_GONE), 0);
    kill(pid, SIGKILL);
    h = listener_hear(EV_RSC_GONE, 0);
    unsetenv("YOKE_LIBEXEC_DIR");
    waitpid(pid, NULL, 0);
    ck_assert_msg(h != NULL, "the death of the unit's main process was not noticed");
}
END_TEST

START_TEST(device_as_resource)
{
    static const char env[] = "OCF_RESKEY_ip=10.0.0.1\0OCF_RESKEY_password=a b\0"
                              "OCF_RESKEY_CRM_meta_timeout=1\0OCF_RESKEY_action=off\0PATH=/x\0";
    static const struct {
        const char *action;
        int rc;
    } row[] = {{"monitor", 7}, {"start", 0}, {"monitor", 0}, {"stop", 0}, {"monitor", 7}};

    listener_fence("fence_t",
                   "cat > $D/stdin; [ -e $D/broken ] && { echo no answer >&2; exit 1; }\n"
                   "exit 0");
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct act_agent a = act(0, "fence_t", row[i].action);
        a.class = "stonith";
        a.provider = NULL;
        a.env = env;
        a.env_len = sizeof(env);
        agents_run(agents, &a);
        ck_assert_int_eq(done(a.op)->rc, row[i].rc);
    }
    ck_assert_str_eq(listener_read("stdin"), "ip=10.0.0.1\npassword=a b\naction=monitor\n");
    listener_file("broken", 0644, "");
    struct act_agent a = act(0, "fence_t", "start");
    a.class = "stonith";
    agents_run(agents, &a);
    const struct heard *h = done(a.op);
    ck_assert_int_eq(h->rc, 1);
    ck_assert_str_eq(h->text, "no answer");
}
END_TEST

static const struct heard *fence(const char *agent, uint32_t timeout_ms)
{
    struct act_fence f = {.op = ++last_op,
                          .device = "power",
                          .agent = agent,
                          .params = "action=off\nplug=db2\n",
                          .timeout_ms = timeout_ms};

    fences_run(listener.shell.fences, &f);
    const struct heard *h = listener_hear(EV_FENCE_DONE, f.op);
    ck_assert_msg(h != NULL, "%s did not end", agent);
    return h;
}

START_TEST(fencing)
{
    listener_fence("fence_ok", "cat > $D/stdin; exit 0");
    listener_fence("fence_no",
                   "cat >/dev/null; echo first >&2; echo 'plug db2 unknown' >&2; exit 2");
    listener_fence("fence_hang", "echo $$ > $D/pid; sleep 300");
    const struct heard *h = fence("fence_ok", 10000);
    ck_assert_int_eq(h->rc, 0);
    ck_assert_str_eq(listener_read("stdin"), "action=off\nplug=db2\n");
    h = fence("fence_no", 10000);
    ck_assert_int_eq(h->rc, 2);
    ck_assert_str_eq(h->text, "plug db2 unknown");
    h = fence("fence_hang", 500);
    ck_assert(h->timed_out);
    ck_assert_int_ne(h->rc, 0);
    ck_assert(process_gone(number_in("pid")));
    h = fence("fence_missing", 10000);
    ck_assert_int_ne(h->rc, 0);
    ck_assert_ptr_nonnull(strstr(h->text, "fence_missing is not installed"));
    ck_assert_int_ne(fence("../fence/fence_ok", 10000)->rc, 0);
}
END_TEST

START_TEST(fencing_waits_for_no_agent)
{
    listener_agent("hold", "while ! [ -e $D/go ]; do sleep 0.2; done");
    listener_fence("fence_ok", "exit 0");
    for (unsigned i = 0; i < AGENTS_MAX; i++)
        run((uint16_t)(100 + i), "hold", "start");
    uint32_t waits = run(1, "hold", "start");
    ck_assert_int_eq(fence("fence_ok", 10000)->rc, 0);
    listener_file("go", 0644, "");
    done(waits);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("agent");
    TCase *t = tcase_create("runs"), *c = tcase_create("cgroup");
    SRunner *r;
    char text[256];
    struct str why;
    bool groups;
    int failed;

    str_init(&why, text, sizeof(text));
    groups = listener_begin(&why);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, exit_codes);
    tcase_add_test(t, surroundings);
    tcase_add_test(t, reason_is_the_last_one);
    tcase_add_test(t, timeout_kills_all_of_it);
    tcase_add_test(t, kill_on_request);
    tcase_add_test(t, flood);
    tcase_add_test(t, children_that_hold_stderr);
    tcase_add_test(t, not_there);
    tcase_add_test(t, not_after);
    tcase_add_test(t, queue_keeps_order_and_cap);
    tcase_add_test(t, cap_and_recurring_last);
    tcase_add_test(t, lsb_codes);
    tcase_add_test(t, units);
    tcase_add_test(t, device_as_resource);
    tcase_add_test(t, fencing);
    tcase_add_test(t, fencing_waits_for_no_agent);
    suite_add_tcase(s, t);

    if (groups) {
        tcase_add_checked_fixture(c, setup, teardown);
        tcase_set_timeout(c, 60);
        tcase_add_test(c, death_of_a_service);
        tcase_add_test(c, death_during_a_stop_is_no_news);
        tcase_add_test(c, death_during_a_monitor_is_told_after_it);
        tcase_add_test(c, watch_off);
        tcase_add_test(c, no_monitor_for_ever);
        tcase_add_test(c, daemon_restart);
        tcase_add_test(c, own_cgroup);
        tcase_add_test(c, stop_that_leaves_something);
        if (geteuid() == 0)
            tcase_add_test(c, stop_that_cannot_be_proven);
    } else {
        printf("skipped: all that needs a cgroup v2: %s\n", text);
    }
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    listener_end();
    return failed ? 1 : 0;
}
