/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_control: the control socket with real clients in processes of their own: long requests and
 * answers, clients that are slow, dead, too many, not allowed or talk nonsense. */
#include "config.h"
#include <check.h>
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <qb/qbipcc.h>
#include "lib/base/crc32c.h"
#include "lib/client/client.h"
#include "lib/client/ipc.h"
#include "daemon/control.h"
#include "daemon/link.h"
#include "daemon/setup.h"
#include "test/unit/listener.h"

enum { LONG_BYTES = 3000001, TIMEOUT_MS = 15000 };

static struct control *control;
static char *long_text;
static uint32_t held; /* client whose request is not answered at once */
static bool files_hold = true;

/* In place of link.c. */
bool links_hung(struct links *ls)
{
    (void)ls;
    return false;
}

/* In place of setup.c, which reads files. */
bool setup_holds(const struct setup *s, struct journal *j)
{
    (void)s;
    (void)j;
    return files_hold;
}

/* status: short. scores: long, in three parts. cib-put: what came. move: held back. */
static void answer(struct listener *l, const struct event *ev)
{
    struct cmd cmd;
    struct buf b;
    char text[320];

    (void)l;
    buf_read_init(&b, ev->admin.at, ev->admin.len);
    if (cmd_get(&b, &cmd)) {
        control_reply(control, ev->admin.client, "{\"ok\":false}", 12, true);
        return;
    }
    switch (cmd.kind) {
    case CMD_SCORES:
        control_reply(control, ev->admin.client, long_text, 10, false);
        control_reply(control, ev->admin.client, long_text + 10, LONG_BYTES - 10, false);
        control_reply(control, ev->admin.client, "", 0, true);
        break;
    case CMD_CIB_PUT:
        snprintf(text, sizeof(text), "%s %u %08x", cmd.arg[0], cmd.text_len,
                 crc32c(0, cmd.text, cmd.text_len));
        control_reply(control, ev->admin.client, text, strlen(text), true);
        break;
    case CMD_MOVE: held = ev->admin.client; break;
    default: control_reply(control, ev->admin.client, "{\"ok\":true}", 11, true);
    }
}

static void setup(void)
{
    listener_open();
    listener.on_admin = answer;
    struct group *own = geteuid() ? getgrgid(getegid()) : NULL;
    if (own) /* without root the clients get in as members of the group */
        str_copy(listener.shell.conf.group, sizeof(listener.shell.conf.group), own->gr_name);
    long_text = malloc(LONG_BYTES + 1);
    for (size_t i = 0; i < LONG_BYTES; i++)
        long_text[i] = (char)('a' + i % 23);
    long_text[LONG_BYTES] = '\0';
    control = control_new(&listener.shell);
    ck_assert_ptr_nonnull(control);
}

static void teardown(void)
{
    control_free(control);
    free(long_text);
    listener_close();
}

/* ---- clients: each in a process of its own, exit code 0 if all was as wanted ---- */

static pid_t client_start(int (*fn)(void))
{
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        _exit(fn());
    return pid;
}

struct waited {
    pid_t pid;
    int status;
};

static bool has_ended(void *data)
{
    struct waited *w = data;

    return waitpid(w->pid, &w->status, WNOHANG) == w->pid;
}

/* The exit code, -1 when it had to be killed. */
static int client_wait(pid_t pid)
{
    struct waited w = {.pid = pid};

    if (listener_until(has_ended, &w))
        return WIFEXITED(w.status) ? WEXITSTATUS(w.status) : -1;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return -1;
}

static struct yoke_client *opened(void)
{
    struct yoke_client *c;

    return yoke_client_open(listener.shell.conf.run_dir, TIMEOUT_MS, &c) ? NULL : c;
}

static bool says(struct yoke_client *c, const struct yoke_request *r, const char *wanted)
{
    char *json = NULL;
    size_t len = 0;
    bool same = yoke_client_call(c, r, TIMEOUT_MS, &json, &len) == YOKE_OK &&
                len == strlen(wanted) && strcmp(json, wanted) == 0;

    free(json);
    return same;
}

static const struct yoke_request status = {.word = "status"};

static int ask_status(void)
{
    struct yoke_client *c = opened();

    if (!c)
        return 1;
    if (!says(c, &status, "{\"ok\":true}") || !says(c, &status, "{\"ok\":true}"))
        return 2;
    yoke_client_close(c);
    return 0;
}

static int ask_long(void)
{
    struct yoke_request r = {.word = "scores"};
    struct yoke_client *c = opened();

    if (!c)
        return 1;
    if (!says(c, &r, long_text))
        return 2;
    if (!says(c, &status, "{\"ok\":true}"))
        return 3;
    yoke_client_close(c);
    return 0;
}

static int put_long(void)
{
    struct yoke_request r = {.word = "cib-put", .arg = {"3.7"}, .text = long_text};
    struct yoke_client *c = opened();
    char wanted[64], *json;

    for (r.text_len = 0; c && r.text_len <= CMD_TEXT_MAX; r.text_len += CMD_TEXT_MAX / 8) {
        snprintf(wanted, sizeof(wanted), "3.7 %zu %08x", r.text_len,
                 crc32c(0, long_text, r.text_len));
        if (!says(c, &r, wanted))
            return 2;
    }
    r.text_len = CMD_TEXT_MAX + 1;
    if (!c || yoke_client_call(c, &r, TIMEOUT_MS, &json, NULL) != YOKE_TOO_LONG)
        return 3;
    r.word = "no-such-word";
    if (yoke_client_call(c, &r, TIMEOUT_MS, &json, NULL) != YOKE_BAD_REQUEST)
        return 4;
    if (!says(c, &status, "{\"ok\":true}"))
        return 5;
    yoke_client_close(c);
    return 0;
}

static int ask_held(void)
{
    struct yoke_request r = {.word = "move", .arg = {"db", ""}};
    struct yoke_client *c = opened();

    return !c ? 1 : says(c, &r, "{\"moved\":true}") ? 0 : 2;
}

static int ask_impatient(void)
{
    struct yoke_request r = {.word = "move", .arg = {"db", ""}};
    struct yoke_client *c = opened();
    char *json;

    if (!c)
        return 1;
    if (yoke_client_call(c, &r, 200, &json, NULL) != YOKE_TIMEOUT)
        return 2;
    return yoke_client_call(c, &status, 200, &json, NULL) == YOKE_GONE ? 0 : 3;
}

START_TEST(short_and_long)
{
    ck_assert_int_eq(client_wait(client_start(ask_status)), 0);
    if (geteuid() == 0)
        ck_assert_str_eq(listener.heard[0].text, "root");
    ck_assert_int_eq(client_wait(client_start(ask_long)), 0);
    ck_assert_int_eq(client_wait(client_start(put_long)), 0);
    ck_assert_ptr_nonnull(listener_hear(EV_ADMIN_GONE, listener.heard[0].number));
}
END_TEST

static bool is_held(void *data)
{
    (void)data;
    return held != 0;
}

START_TEST(answer_later)
{
    pid_t pid = client_start(ask_held);

    ck_assert(listener_until(is_held, NULL));
    ck_assert_int_eq(client_wait(client_start(ask_status)), 0); /* others are served meanwhile */
    control_reply(control, held, "{\"moved\":", 9, false);
    listener_for(50);
    control_reply(control, held, "true}", 5, true);
    ck_assert_int_eq(client_wait(pid), 0);
    control_reply(control, held, "true}", 5, true); /* gone by now */
}
END_TEST

START_TEST(impatient_client)
{
    ck_assert_int_eq(client_wait(client_start(ask_impatient)), 0);
    ck_assert_ptr_nonnull(listener_hear(EV_ADMIN_GONE, held));
}
END_TEST

START_TEST(killed_client)
{
    pid_t pid = client_start(ask_held);

    ck_assert(listener_until(is_held, NULL));
    kill(pid, SIGKILL);
    client_wait(pid);
    ck_assert_msg(listener_hear(EV_ADMIN_GONE, held) != NULL, "its death was not noticed");
    control_reply(control, held, "{}", 2, true);
    ck_assert_int_eq(client_wait(client_start(ask_status)), 0);
}
END_TEST

START_TEST(stopped_clients)
{
    pid_t pid[3];

    for (int i = 0; i < 3; i++) {
        held = 0;
        pid[i] = client_start(ask_held);
        ck_assert(listener_until(is_held, NULL));
        kill(pid[i], SIGSTOP);
        control_reply(control, held, long_text, LONG_BYTES, true);
    }
    ck_assert_int_eq(client_wait(client_start(ask_long)), 0);
    for (int i = 0; i < 3; i++) {
        kill(pid[i], SIGKILL);
        client_wait(pid[i]);
    }
    listener_for(50);
    ck_assert_int_eq(client_wait(client_start(ask_status)), 0);
}
END_TEST

static void become(unsigned id, size_t n_groups, gid_t group)
{
    gid_t groups[1] = {group};

    if (setgroups(n_groups, groups) != 0 || setgid(id) != 0 || setuid(id) != 0)
        _exit(99);
}

static int as_nobody(void)
{
    struct yoke_client *c;

    become(65534, 0, 0);
    return (int)yoke_client_open(listener.shell.conf.run_dir, TIMEOUT_MS, &c) != YOKE_DENIED;
}

static int as_member(void)
{
    become(65534, 1, 1);
    return ask_status();
}

static int as_primary_member(void)
{
    become(1, 0, 0);
    return ask_status();
}

START_TEST(who_may)
{
    if (geteuid() != 0) {
        printf("skipped: other users need root\n");
        return;
    }
    ck_assert_int_eq(client_wait(client_start(as_nobody)), 0);
    ck_assert_uint_eq(listener_count(EV_ADMIN), 0);
    ck_assert_int_eq(client_wait(client_start(as_member)), 1); /* there is no such group yet */
    control_free(control);
    strcpy(listener.shell.conf.group, "daemon"); /* gid 1, everywhere */
    control = control_new(&listener.shell);
    ck_assert_int_eq(client_wait(client_start(as_nobody)), 0);
    ck_assert_int_eq(client_wait(client_start(as_member)), 0);
    ck_assert_str_eq(listener.heard[0].text, "nobody");
    ck_assert_int_eq(client_wait(client_start(as_primary_member)), 0);
}
END_TEST

static int many(void)
{
    struct yoke_client *c[40], *late;
    unsigned n;
    enum yoke_fault fault = YOKE_OK;

    for (n = 0; n < 40 && !fault; n++)
        fault = yoke_client_open(listener.shell.conf.run_dir, TIMEOUT_MS, &c[n]);
    if (fault != YOKE_BUSY || n != 33) {
        fprintf(stderr, "client %u: %s\n", n, yoke_fault_text(fault));
        return 1;
    }
    yoke_client_close(c[0]);
    for (n = 0; n < 100; n++, usleep(10000)) { /* until the daemon has noticed */
        late = opened();
        if (late)
            return says(late, &status, "{\"ok\":true}") ? 0 : 2;
    }
    return 3;
}

START_TEST(too_many)
{
    ck_assert_int_eq(client_wait(client_start(many)), 0);
    listener_for(50);
    ck_assert_int_eq(client_wait(client_start(ask_status)), 0);
}
END_TEST

static int nonsense(void)
{
    struct ipc_request m = {0};
    struct ipc_answer a;
    char name[IPC_NAME_LEN];
    unsigned i;

    ipc_name(listener.shell.conf.run_dir, name);
    for (i = 0; i < 5; i++) {
        qb_ipcc_connection_t *c = qb_ipcc_connect(name, IPC_MESSAGE_MAX);

        if (!c)
            return 1;
        m.head.id = i == 1 ? IPC_NEXT : i == 2 ? 77 : IPC_PUT;
        m.len = i == 0 ? 5000 : i == 3 ? 0xfffffff0u : 3;
        m.flags = i == 4 ? IPC_LAST : 0;
        memcpy(m.part, "\377\377\377", 3);
        m.head.size = offsetof(struct ipc_request, part) + 3;
        if (qb_ipcc_send(c, &m, (size_t)m.head.size) < 0)
            return 2;
        if (qb_ipcc_recv(c, &a, sizeof(a), 5000) < (ssize_t)offsetof(struct ipc_answer, part))
            return 3;
        if (i < 4 ? a.head.error == 0 : a.head.error != 0) /* the last one is the core's to judge */
            return 4;
        qb_ipcc_disconnect(c);
    }
    return 0;
}

static int request_without_end(void)
{
    struct ipc_request m = {.head = {.id = IPC_PUT, .size = sizeof(m)}, .len = IPC_PART_MAX};
    struct ipc_answer a;
    char name[IPC_NAME_LEN];
    unsigned i;

    ipc_name(listener.shell.conf.run_dir, name);
    qb_ipcc_connection_t *c = qb_ipcc_connect(name, IPC_MESSAGE_MAX);
    for (i = 0; c && i < 1000; i++) {
        if (qb_ipcc_send(c, &m, sizeof(m)) < 0 || qb_ipcc_recv(c, &a, sizeof(a), 5000) < 0)
            return 2;
        if (a.head.error)
            return i > CMD_TEXT_MAX / IPC_PART_MAX ? 0 : 3;
    }
    return 4;
}

START_TEST(bad_talk)
{
    ck_assert_int_eq(client_wait(client_start(nonsense)), 0);
    ck_assert_int_eq(client_wait(client_start(request_without_end)), 0);
    ck_assert_int_eq(client_wait(client_start(ask_status)), 0);
}
END_TEST

static int start_over(void)
{
    static const struct yoke_request again = {.word = "stop", .arg = {CMD_STOP_AGAIN}};
    static const struct yoke_request stop = {.word = "stop"};
    struct yoke_client *c = opened();
    char *json = NULL;

    /* That the files are not usable stands in the way of starting over, not of leaving. */
    if (!c || !says(c, &stop, "{\"ok\":true}"))
        return 1;
    if (files_hold)
        return says(c, &again, "{\"ok\":true}") ? 0 : 2;
    if (yoke_client_call(c, &again, TIMEOUT_MS, &json, NULL))
        return 3;
    return strstr(json, "\"ok\":false") && strstr(json, "yoke.conf") ? 0 : 4;
}

START_TEST(starting_over)
{
    ck_assert_int_eq(client_wait(client_start(start_over)), 0);
    ck_assert_uint_eq(listener_count(EV_ADMIN), 2);
    files_hold = false;
    ck_assert_int_eq(client_wait(client_start(start_over)), 0);
    ck_assert_uint_eq(listener_count(EV_ADMIN), 3); /* the core was not asked */
}
END_TEST

static int nobody_listens(void)
{
    struct yoke_client *c;

    return yoke_client_open("/nonexistent/run", 1000, &c) == YOKE_NOT_RUNNING && !c ? 0 : 1;
}

static int ask_ending(void)
{
    struct yoke_client *c = opened();
    char *json = NULL;

    if (!c || yoke_client_call(c, &status, TIMEOUT_MS, &json, NULL))
        return 1;
    return strstr(json, "\"ok\":false") && strstr(json, "ending") ? 0 : 2;
}

START_TEST(no_daemon)
{
    ck_assert_int_eq(client_wait(client_start(nobody_listens)), 0);
    listener.shell.ended = true;
    ck_assert_int_eq(client_wait(client_start(ask_ending)), 0);
    ck_assert_uint_eq(listener_count(EV_ADMIN), 0);
    for (unsigned i = 0; i <= YOKE_FAULT_COUNT; i++)
        ck_assert_ptr_nonnull(yoke_fault_text(i));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("control");
    TCase *t = tcase_create("clients");
    char text[256];
    struct str why;

    str_init(&why, text, sizeof(text));
    (void)listener_begin(&why);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, short_and_long);
    tcase_add_test(t, answer_later);
    tcase_add_test(t, impatient_client);
    tcase_add_test(t, killed_client);
    tcase_add_test(t, stopped_clients);
    tcase_add_test(t, who_may);
    tcase_add_test(t, too_many);
    tcase_add_test(t, bad_talk);
    tcase_add_test(t, starting_over);
    tcase_add_test(t, no_daemon);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    listener_end();
    return failed ? 1 : 0;
}
