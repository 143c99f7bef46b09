/* SPDX-License-Identifier: GPL-2.0-or-later
 * systemd: see systemd.h. Interface: org.freedesktop.systemd1(5). */
#include "config.h"
#include <assert.h>
#include <errno.h>
#include <libintl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "lib/base/num.h"
#include "lib/base/str.h"
#include "daemon/systemd.h"

#define _(text) gettext(text)

#define PEER       "org.freedesktop.systemd1"
#define MANAGER    "/org/freedesktop/systemd1"
#define I_MANAGER  "org.freedesktop.systemd1.Manager"
#define I_UNIT     "org.freedesktop.systemd1.Unit"
#define I_JOB      "org.freedesktop.systemd1.Job"
#define I_PROPERTY "org.freedesktop.DBus.Properties"

#define SOCKET_PRIVATE "/run/systemd/private"
#define SOCKET_BUS     "/run/dbus/system_bus_socket"

enum { AGAIN_MS = 20, ROOT_ONLY = 0 };

/* A method call: what is asked, with up to two texts and a number. */
struct call {
    const char *dest, *path, *iface, *member, *text[2];
    bool numbered;
    int32_t number;
};

struct answer {
    sd_bus_message *m;
    bool here;
};

bool systemd_name(char *to, size_t size, const char *type)
{
    static const char *const types[] = {"service", "socket", "mount", "automount",
                                        "swap",    "target", "path",  "timer",
                                        "slice",   "scope",  "device"};
    const char *dot = strrchr(type, '.');
    bool typed = false;
    struct str s;
    size_t i;

    for (i = 0; dot && i < ARRAY_LEN(types); i++)
        typed |= str_eq(dot + 1, types[i]);
    str_init(&s, to, size);
    str_addf(&s, "%s%s", type, typed ? "" : ".service");
    return !s.cut && s.len < SYSTEMD_NAME_LEN;
}

uint64_t systemd_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t left_us(uint64_t until)
{
    uint64_t now = systemd_now_ms();

    return until > now ? (until - now) * 1000 : 0;
}

/* ---- connection ---- */

void systemd_init(struct systemd *s)
{
    memset(s, 0, sizeof(*s));
}

void systemd_close(struct systemd *s)
{
    if (s->bus) {
        sd_bus_close(s->bus); /* a flush would wait */
        sd_bus_unref(s->bus);
    }
    s->bus = NULL;
    s->listens = false;
}

static int PRINTF_LIKE(3, 4) fail(struct systemd *s, int err, const char *format, ...)
{
    struct str why;
    va_list ap;

    str_init(&why, s->why, sizeof(s->why));
    va_start(ap, format);
    str_addv(&why, format, ap);
    va_end(ap);
    assert(err < 0);
    return err;
}

/* Every message that no call of ours waits for comes here. */
static int heard(sd_bus_message *m, void *context, sd_bus_error *error)
{
    const char *path, *unit, *result;
    struct systemd *s = context;
    unsigned at;
    uint32_t id;

    (void)error;
    if (sd_bus_message_is_signal(m, I_MANAGER, "JobRemoved") <= 0 ||
        sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) < 0)
        return 0;
    at = s->n_ended++ % SYSTEMD_ENDED_MAX;
    str_copy(s->ended[at].path, sizeof(s->ended[at].path), path);
    str_copy(s->ended[at].result, sizeof(s->ended[at].result), result);
    return 0;
}

static int connect_to(struct systemd *s, const char *address, bool bus)
{
    int rc = sd_bus_new(&s->bus);

    if (rc < 0)
        return rc;
    rc = sd_bus_set_address(s->bus, address);
    if (rc >= 0 && bus)
        rc = sd_bus_set_bus_client(s->bus, 1);
    if (rc >= 0)
        rc = sd_bus_add_filter(s->bus, NULL, heard, s);
    if (rc >= 0)
        rc = sd_bus_start(s->bus);
    if (rc < 0)
        systemd_close(s);
    return rc < 0 ? rc : 0;
}

/* Begins to connect; the handshake goes on while the first answer is waited for. */
static int bus_open(struct systemd *s)
{
    const char *address = getenv("DBUS_SYSTEM_BUS_ADDRESS");
    int rc = -ENOENT;

    if (address)
        return connect_to(s, address, true);
    if (geteuid() == ROOT_ONLY)
        rc = connect_to(s, "unix:path=" SOCKET_PRIVATE, false);
    if (rc < 0 && rc != -EAGAIN && access(SOCKET_BUS, F_OK) == 0)
        rc = connect_to(s, "unix:path=" SOCKET_BUS, true);
    return rc;
}

static bool was_lost(int rc)
{
    return rc == -ECONNRESET || rc == -ENOTCONN || rc == -EPIPE || rc == -ECONNABORTED ||
           rc == -ESHUTDOWN || rc == -ESTALE || rc == -EIO || rc == -EBADF;
}

static int call_failed(struct systemd *s, int rc)
{
    if (rc == -ETIMEDOUT)
        return fail(s, rc, "%s", _("systemd does not answer"));
    if (rc == -ENOENT || rc == -ECONNREFUSED)
        return fail(s, rc, _("systemd does not listen on %s: %s"), SOCKET_PRIVATE, strerror(-rc));
    if (was_lost(rc) || rc == -EAGAIN)
        return fail(s, -ETIMEDOUT, _("systemd ends every connection: %s"), strerror(-rc));
    return fail(s, rc, _("systemd cannot be asked: %s"), strerror(-rc));
}

/* ---- calls ---- */

static int answered(sd_bus_message *m, void *context, sd_bus_error *error)
{
    struct answer *a = context;

    (void)error;
    a->m = sd_bus_message_ref(m);
    a->here = true;
    return 1;
}

/* One turn: what has come is taken, else it waits that long at most. */
static int turn(struct systemd *s, uint64_t wait_us)
{
    int rc = sd_bus_process(s->bus, NULL);

    if (rc < 0)
        return rc;
    if (rc == 0) {
        rc = sd_bus_wait(s->bus, wait_us);
        return rc < 0 && rc != -EINTR ? rc : 0;
    }
    return sd_bus_is_open(s->bus) > 0 ? 0 : -ENOTCONN;
}

static int call_make(struct systemd *s, const struct call *c, sd_bus_message **m)
{
    int i, rc = sd_bus_message_new_method_call(s->bus, m, c->dest ? c->dest : PEER,
                                               c->path ? c->path : MANAGER, c->iface, c->member);

    for (i = 0; rc >= 0 && i < 2 && c->text[i]; i++)
        rc = sd_bus_message_append(*m, "s", c->text[i]);
    if (rc >= 0 && c->numbered)
        rc = sd_bus_message_append(*m, "i", c->number);
    return rc;
}

static int call_once(struct systemd *s, const struct call *c, sd_bus_message **reply,
                     uint64_t until)
{
    struct answer a = {.here = false};
    sd_bus_message *m = NULL;
    sd_bus_slot *slot = NULL;
    uint64_t us;
    int rc = s->bus ? 0 : bus_open(s);

    if (rc >= 0)
        rc = call_make(s, c, &m);
    if (rc >= 0) /* our own clock ends it; its own would begin with the handshake */
        rc = sd_bus_call_async(s->bus, &slot, m, answered, &a, 3600ull * 1000000);
    while (rc >= 0 && !a.here) {
        us = left_us(until);
        rc = us ? turn(s, us) : -ETIMEDOUT;
    }
    sd_bus_slot_unref(slot);
    sd_bus_message_unref(m);
    if (a.here && s->bus && sd_bus_is_open(s->bus) <= 0 &&
        sd_bus_message_is_method_error(a.m, NULL)) { /* made by sd-bus itself */
        rc = -ENOTCONN;
    } else if (a.here) {
        *reply = a.m;
        return 0;
    }
    sd_bus_message_unref(a.m);
    return rc;
}

/* The answer, to be unrefed, or why there is none. */
static int call(struct systemd *s, const struct call *c, sd_bus_message **reply, uint64_t until)
{
    const sd_bus_error *error;
    int rc;

    for (;;) {
        rc = call_once(s, c, reply, until);
        if (rc != -EAGAIN && !was_lost(rc))
            break;
        systemd_close(s);
        if (left_us(until) < AGAIN_MS * 1000)
            break;
        usleep(AGAIN_MS * 1000);
    }
    s->refused[0] = '\0';
    if (rc < 0) {
        systemd_close(s); /* a late answer would be in the way */
        return call_failed(s, rc);
    }
    if (!sd_bus_message_is_method_error(*reply, NULL))
        return 0;
    error = sd_bus_message_get_error(*reply);
    str_copy(s->refused, sizeof(s->refused), error->name);
    rc = fail(s, -EREMOTEIO, "%s", error->message ? error->message : error->name);
    sd_bus_message_unref(*reply);
    *reply = NULL;
    return rc;
}

static int answer_odd(struct systemd *s, sd_bus_message *m, int rc)
{
    sd_bus_message_unref(m);
    if (rc >= 0)
        return rc;
    return fail(s, -EBADMSG, _("systemd gave an answer that cannot be read: %s"), strerror(-rc));
}

int systemd_tell(struct systemd *s, const char *method, const char *unit, uint64_t until)
{
    struct call c = {.iface = I_MANAGER, .member = method, .text = {unit}};
    sd_bus_message *m = NULL;
    int rc = call(s, &c, &m, until);

    if (rc >= 0)
        sd_bus_message_unref(m);
    return rc;
}

int systemd_signal(struct systemd *s, int number, uint64_t until)
{
    struct call c = {.iface = I_MANAGER,
                     .member = "KillUnit",
                     .text = {s->unit, "all"},
                     .numbered = true,
                     .number = number};
    sd_bus_message *m = NULL;
    int rc = call(s, &c, &m, until);

    if (rc >= 0)
        sd_bus_message_unref(m);
    return rc;
}

/* ---- properties ---- */

/* Opens the variant of a property; its type's first letter. */
static int property_open(struct systemd *s, const char *path, const char *iface, const char *name,
                         sd_bus_message **m, uint64_t until)
{
    struct call c = {.path = path, .iface = I_PROPERTY, .member = "Get", .text = {iface, name}};
    const char *contents;
    char type;
    int rc = call(s, &c, m, until);

    if (rc < 0)
        return rc;
    rc = sd_bus_message_peek_type(*m, &type, &contents);
    if (rc > 0)
        rc = sd_bus_message_enter_container(*m, 'v', contents);
    if (rc > 0)
        return contents[0];
    return answer_odd(s, *m, rc < 0 ? rc : -EBADMSG);
}

static int property_text(struct systemd *s, const char *path, const char *iface, const char *name,
                         char *to, size_t size, uint64_t until)
{
    const char *text = "";
    sd_bus_message *m = NULL;
    int flag, rc = property_open(s, path, iface, name, &m, until);

    if (rc < 0)
        return rc;
    if (rc == 'b') {
        rc = sd_bus_message_read(m, "b", &flag);
        text = rc >= 0 && flag ? "yes" : "no";
    } else {
        char type[2] = {rc == 'o' ? 'o' : 's', '\0'};

        rc = sd_bus_message_read(m, type, &text);
    }
    if (rc >= 0)
        str_copy(to, size, text);
    return answer_odd(s, m, rc < 0 ? rc : 0);
}

int systemd_text(struct systemd *s, const char *iface, const char *name, char *to, size_t size,
                 uint64_t until)
{
    return property_text(s, s->path, iface ? iface : I_UNIT, name, to, size, until);
}

int systemd_other(struct systemd *s, const char *unit, const char *name, char *to, size_t size,
                  uint64_t until)
{
    char *path = NULL;
    int rc = sd_bus_path_encode(MANAGER "/unit", unit, &path);

    if (rc < 0)
        return fail(s, rc, "%s", strerror(-rc));
    rc = property_text(s, path, I_UNIT, name, to, size, until);
    free(path);
    return rc;
}

int systemd_number(struct systemd *s, const char *iface, const char *name, int64_t *to,
                   uint64_t until)
{
    sd_bus_message *m = NULL;
    uint64_t t;
    uint32_t u;
    int32_t i;
    int rc = property_open(s, s->path, iface ? iface : I_UNIT, name, &m, until);

    if (rc == 'u') {
        rc = sd_bus_message_read(m, "u", &u);
        *to = rc >= 0 ? u : 0;
    } else if (rc == 't') {
        rc = sd_bus_message_read(m, "t", &t);
        *to = rc >= 0 && t <= INT64_MAX ? (int64_t)t : 0;
    } else if (rc == 'i') {
        rc = sd_bus_message_read(m, "i", &i);
        *to = rc >= 0 ? i : 0;
    } else if (rc >= 0) {
        rc = -EBADMSG;
    } else {
        return rc;
    }
    return answer_odd(s, m, rc < 0 ? rc : 0);
}

int systemd_lists(struct systemd *s, const char *name, const char *word,
                  struct systemd_names *first, uint64_t until)
{
    const char *text;
    sd_bus_message *m = NULL;
    bool found = false;
    int rc = property_open(s, s->path, I_UNIT, name, &m, until);

    if (rc < 0)
        return rc;
    if (first)
        first->n = 0;
    rc = sd_bus_message_enter_container(m, 'a', "s");
    while (rc >= 0 && (rc = sd_bus_message_read(m, "s", &text)) > 0) {
        found |= word && str_eq(text, word);
        if (first && first->n < SYSTEMD_NAMES_MAX)
            str_copy(first->at[first->n++], SYSTEMD_NAME_LEN, text);
    }
    return answer_odd(s, m, rc < 0 ? rc : found);
}

/* ---- the unit ---- */

int systemd_load(struct systemd *s, const char *name, uint64_t until)
{
    struct call c = {.iface = I_MANAGER, .member = "LoadUnit", .text = {name}};
    sd_bus_message *m = NULL;
    const char *path, *type;
    struct str iface;
    int rc = call(s, &c, &m, until);

    if (rc < 0)
        return rc;
    rc = sd_bus_message_read(m, "o", &path);
    if (rc >= 0 && !str_copy(s->path, sizeof(s->path), path))
        rc = -ENAMETOOLONG;
    rc = answer_odd(s, m, rc);
    if (rc >= 0)
        rc = systemd_text(s, NULL, "Id", s->unit, sizeof(s->unit), until);
    if (rc < 0)
        return rc;
    type = strrchr(s->unit, '.');
    str_init(&iface, s->iface, sizeof(s->iface));
    str_add(&iface, PEER ".");
    if (type && type[1]) {
        str_add_char(&iface, (char)(type[1] - 'a' + 'A'));
        str_add(&iface, type + 2);
    }
    return 0;
}

int systemd_look(struct systemd *s, struct systemd_state *state, uint64_t until)
{
    int rc = systemd_text(s, NULL, "LoadState", state->load, sizeof(state->load), until);

    if (rc >= 0)
        rc = systemd_text(s, NULL, "ActiveState", state->active, sizeof(state->active), until);
    if (rc >= 0)
        rc = systemd_text(s, NULL, "SubState", state->sub, sizeof(state->sub), until);
    return rc;
}

/* ---- jobs ---- */

/* Without it the system bus brings no signals; the private socket does, and only says thanks. */
static int listen_begin(struct systemd *s, uint64_t until)
{
    struct call match = {.dest = "org.freedesktop.DBus",
                         .path = "/org/freedesktop/DBus",
                         .iface = "org.freedesktop.DBus",
                         .member = "AddMatch",
                         .text = {"type='signal',interface='" I_MANAGER "',member='JobRemoved'"}};
    const char *unique = NULL;
    sd_bus_message *m = NULL;
    int rc = systemd_tell(s, "Subscribe", NULL, until);

    if (rc < 0 && rc != -EREMOTEIO)
        return rc;
    if (s->bus && sd_bus_get_unique_name(s->bus, &unique) >= 0) {
        rc = call(s, &match, &m, until);
        if (rc >= 0)
            sd_bus_message_unref(m);
        else if (rc != -EREMOTEIO)
            return rc;
    }
    s->listens = true;
    return 0;
}

int systemd_job(struct systemd *s, const char *method, const char *mode, char *job, size_t size,
                uint64_t until)
{
    struct call c = {.iface = I_MANAGER, .member = method, .text = {s->unit, mode}};
    const char *path;
    sd_bus_message *m = NULL;
    int rc = s->listens ? 0 : listen_begin(s, until);

    if (rc >= 0)
        rc = call(s, &c, &m, until);
    if (rc < 0)
        return rc;
    rc = sd_bus_message_read(m, "o", &path);
    if (rc >= 0 && !str_copy(job, size, path))
        rc = -ENAMETOOLONG;
    return answer_odd(s, m, rc < 0 ? rc : 0);
}

static const char *job_ended(const struct systemd *s, const char *job)
{
    unsigned i;

    for (i = 0; i < SYSTEMD_ENDED_MAX; i++)
        if (s->ended[i].path[0] && str_eq(s->ended[i].path, job))
            return s->ended[i].result;
    return NULL;
}

int systemd_job_wait(struct systemd *s, const char *job, uint32_t wait_ms, char *result,
                     size_t size, uint64_t until)
{
    uint64_t end = systemd_now_ms() + wait_ms;
    char state[SYSTEMD_WORD_LEN];
    const char *word;
    int rc = 0;

    while (!(word = job_ended(s, job)) && rc >= 0 && s->bus && left_us(end))
        rc = turn(s, left_us(end < until ? end : until));
    if (word) {
        str_copy(result, size, word);
        return 1;
    }
    if (rc < 0) /* lost: nobody will hear that signal any more */
        systemd_close(s);
    rc = property_text(s, job, I_JOB, "State", state, sizeof(state), until);
    if (rc >= 0)
        return 0;
    if (rc != -EREMOTEIO)
        return rc;
    word = job_ended(s, job); /* it may have come just before the answer */
    str_copy(result, size, word ? word : "");
    return 1;
}

int systemd_job_held(struct systemd *s, const char *job, const char *by, uint64_t until)
{
    struct call c = {.path = job, .iface = I_JOB, .member = "GetBefore"};
    const char *unit, *type, *state, *job_path, *unit_path;
    bool held = false, runs = false;
    char own[SYSTEMD_WORD_LEN];
    sd_bus_message *m = NULL;
    uint32_t id;
    int rc = property_text(s, job, I_JOB, "State", own, sizeof(own), until);

    if (rc < 0 || !str_eq(own, "waiting"))
        return rc == -EREMOTEIO ? 0 : rc < 0 ? rc : 0;
    rc = call(s, &c, &m, until);
    if (rc == -EREMOTEIO) { /* systemd before 236 cannot say */
        rc = systemd_other(s, by, "ActiveState", own, sizeof(own), until);
        return rc < 0 ? rc : str_eq(own, "deactivating");
    }
    if (rc < 0)
        return rc;
    rc = sd_bus_message_enter_container(m, 'a', "(usssoo)");
    while (rc >= 0 && (rc = sd_bus_message_read(m, "(usssoo)", &id, &unit, &type, &state, &job_path,
                                                &unit_path)) > 0) {
        held |= str_eq(unit, by);
        runs |= !str_eq(unit, by) && str_eq(state, "running");
    }
    return answer_odd(s, m, rc < 0 ? rc : held && !runs);
}

int systemd_processes(struct systemd *s, char *one, size_t size, uint64_t until)
{
    struct call c = {.iface = I_MANAGER, .member = "GetUnitProcesses", .text = {s->unit}};
    const char *cgroup, *command;
    sd_bus_message *m = NULL;
    uint32_t pid;
    int n = 0, rc = call(s, &c, &m, until);

    one[0] = '\0';
    if (rc == -EREMOTEIO) /* a type of unit that has none, or a systemd before 230 */
        return 0;
    if (rc < 0)
        return rc;
    rc = sd_bus_message_enter_container(m, 'a', "(sus)");
    while (rc >= 0 && (rc = sd_bus_message_read(m, "(sus)", &cgroup, &pid, &command)) > 0)
        if (n++ == 0) {
            struct str s1;

            str_init(&s1, one, size);
            str_addf(&s1, "%u (%s)", pid, command);
        }
    return answer_odd(s, m, rc < 0 ? rc : n);
}

/* Messages that come meanwhile are taken. */
void systemd_sleep(struct systemd *s, uint32_t ms)
{
    uint64_t end = systemd_now_ms() + ms;

    while (s->bus && left_us(end))
        if (turn(s, left_us(end)) < 0)
            systemd_close(s);
    if (left_us(end))
        usleep((useconds_t)left_us(end));
}
