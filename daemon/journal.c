/* SPDX-License-Identifier: GPL-2.0-or-later
 * journal: sentences to systemd's journal or to standard error.
 *
 * The journal's native protocol (a datagram of FIELD=value lines,
 * systemd.io/JOURNAL_NATIVE_PROTOCOL) is spoken here and not by sd_journal_send, because that
 * blocks when journald hangs, and no log may ever hold up a beat. For the same reason standard
 * error is written only when it has room. */
#include "daemon/journal.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LINE_LEN = 1024, DATAGRAM_LEN = 2 * LINE_LEN };

/* The first 28 digits of every MESSAGE_ID; the last four are the sentence's number. */
#define MESSAGE_ID_BASE "6b1f0c2e95d84a7fb3c47d20a1e5"
#define JOURNAL_SOCKET  "/run/systemd/journal/socket"

struct journal {
    enum say_level least;
    bool verbose;
    int fd; /* to journald, -1: standard error */
    char latest[LINE_LEN];
};

/* Is standard error the journal's stream? Then fields are wanted, not lines. */
static bool under_journald(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long dev, inode;
    struct stat st;
    return stream && sscanf(stream, "%llu:%llu", &dev, &inode) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == inode;
}

struct journal *journal_new(enum say_level least, bool verbose)
{
    struct journal *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->least = least;
    j->verbose = verbose;
    j->fd = -1;
    if (under_journald())
        j->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return j;
}

void journal_free(struct journal *j)
{
    if (!j)
        return;
    if (j->fd >= 0)
        close(j->fd);
    free(j);
}

void journal_set_level(struct journal *j, enum say_level least)
{
    j->least = least;
}

const char *journal_latest(const struct journal *j)
{
    return j->latest;
}

static int priority(enum say_level level)
{
    static const int of[] = {LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING, LOG_ERR, LOG_ALERT};
    return (unsigned)level < ARRAY_LEN(of) ? of[level] : LOG_ERR;
}

/* One field; a newline would need the binary form and says nothing here. */
static void field(struct str *s, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    str_addf(s, "%s=", name);
    for (const char *c = value; *c; c++)
        str_add_char(s, *c == '\n' ? ' ' : *c);
    str_add_char(s, '\n');
}

struct entry {
    enum say_level level;
    unsigned id;
    const char *text, *name, *rsc, *node;
};

static bool to_journald(const struct journal *j, const struct entry *e)
{
    static const struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET};
    char datagram[DATAGRAM_LEN];
    struct str s;
    if (j->fd < 0)
        return false;
    str_init(&s, datagram, sizeof datagram);
    str_addf(&s, "PRIORITY=%d\nSYSLOG_IDENTIFIER=yoked\n", priority(e->level));
    field(&s, "MESSAGE", e->text);
    if (e->id)
        str_addf(&s, "MESSAGE_ID=" MESSAGE_ID_BASE "%04x\nYOKE_ID=%u\n", e->id, e->id);
    field(&s, "YOKE_NAME", e->name);
    field(&s, "YOKE_RSC", e->rsc);
    field(&s, "YOKE_NODE", e->node);
    return sendto(j->fd, s.at, s.len, MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof to) >= 0;
}

static void to_stderr(const struct entry *e)
{
    static const char *const words[] = {"debug", "info", "notice", "warning", "error", "ALERT"};
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
    struct timespec now;
    struct tm tm;
    char line[LINE_LEN + 64], stamp[32] = "";
    struct str s;
    if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
        return; /* a reader that hangs must not make us wait; POLLOUT on a pipe means 4 KiB free */
    clock_gettime(CLOCK_REALTIME, &now);
    if (localtime_r(&now.tv_sec, &tm))
        strftime(stamp, sizeof stamp, "%F %T", &tm);
    str_init(&s, line, sizeof line - 1);
    str_addf(&s, "%s.%03ld yoked %s: %s", stamp, now.tv_nsec / 1000000,
             (unsigned)e->level < ARRAY_LEN(words) ? words[e->level] : "?", e->text);
    line[s.len] = '\n';
    if (write(STDERR_FILENO, line, s.len + 1) < 0)
        return; /* nowhere to say so */
}

static void put(struct journal *j, const struct entry *e)
{
    if (e->level >= SAY_NOTICE)
        (void)str_copy(j->latest, sizeof j->latest, e->text);
    if (e->level < j->least && !j->verbose)
        return;
    if (!to_journald(j, e) || j->verbose)
        to_stderr(e);
}

void journal_say(struct journal *j, const struct say *say, const char *rsc, const char *node)
{
    char text[LINE_LEN];
    struct str s;
    str_init(&s, text, sizeof text);
    say_words(say, (const char *(*)(const char *))gettext, &s);
    struct entry e = {.level = say_level(say->id),
                      .id = say->id,
                      .text = text,
                      .name = say_name(say->id),
                      .rsc = rsc,
                      .node = node};
    put(j, &e);
}

void journal_notev(struct journal *j, enum say_level level, enum journal_id id, const char *format,
                   va_list ap)
{
    char text[LINE_LEN];
    struct str s;
    str_init(&s, text, sizeof text);
    str_addv(&s, format, ap);
    put(j, &(struct entry){.level = level, .id = id, .text = text});
}

void journal_note(struct journal *j, enum say_level level, enum journal_id id, const char *format,
                  ...)
{
    va_list ap;
    va_start(ap, format);
    journal_notev(j, level, id, format, ap);
    va_end(ap);
}
