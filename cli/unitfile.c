/* SPDX-License-Identifier: GPL-2.0-or-later
 * unitfile: see unitfile.h. */
#include <dirent.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/unitfile.h"
#include "lib/base/num.h"

const char unitfile_dirs[] = "/etc/systemd/system.control:/run/systemd/system.control:"
                             "/run/systemd/generator.early:/etc/systemd/system:/run/systemd/system:"
                             "/run/systemd/generator:/usr/local/lib/systemd/system:"
                             "/usr/lib/systemd/system:/lib/systemd/system:"
                             "/run/systemd/generator.late";

static const char *const types[] = {"service", "socket",    "mount", "timer", "path",
                                    "swap",    "automount", "slice", "target"};
enum {
    LISTED = 5,   /* of types: the others can be resources, but nobody looks for them in a list */
    LIMIT_S = 90, /* DefaultTimeoutStartSec, unless somebody has changed it */
    MORE_S = 10,  /* so that systemd's own limit comes first: it knows the reason */
    LINE_LEN = 1024
};

static bool has_type(const char *name, unsigned n)
{
    const char *dot = strrchr(name, '.');
    bool has = false;
    for (unsigned i = 0; dot && i < n; i++)
        has |= str_eq(dot + 1, types[i]);
    return has;
}

/* A file that says something: systemd takes an empty one, or a link to /dev/null, as "masked". */
static bool is_unit(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

static bool file_find(const char *dirs, const char *name, char *path, size_t size)
{
    for (const char *at = dirs; *at;) {
        size_t len = strcspn(at, ":");
        if (snprintf(path, size, "%.*s/%s", (int)len, at, name) < (int)size && is_unit(path))
            return true;
        at += len + (at[len] == ':');
    }
    return false;
}

/* KEY=VALUE of a line, blanks off; false: another key. The last one in a file counts. */
static bool key_read(const char *line, const char *key, char *to, size_t size)
{
    size_t len = strlen(key);
    if (strncmp(line, key, len) != 0)
        return false;
    line += len;
    line += strspn(line, " \t");
    if (*line++ != '=')
        return false;
    line += strspn(line, " \t");
    snprintf(to, size, "%.*s", (int)strcspn(line, "\r\n"), line);
    return true;
}

/* "90", "5min", "1min 30s"; infinity and what cannot be read: a day, as the CLI's limit. */
static unsigned span_read(const char *text, unsigned otherwise_s)
{
    enum { DAY_S = 86400 };
    char one[64];
    uint64_t ms, sum = 0;
    if (!*text)
        return otherwise_s;
    for (size_t len; *text; text += len + strspn(text + len, " ")) {
        len = strcspn(text, " ");
        snprintf(one, sizeof(one), "%.*s", (int)len, text);
        if (num_ms(one, (uint64_t)DAY_S * 1000, &ms))
            return otherwise_s;
        sum += ms;
    }
    return sum == 0 || sum > (uint64_t)DAY_S * 1000 ? otherwise_s : (unsigned)((sum + 999) / 1000);
}

static void action_add(struct meta *m, const char *name, unsigned limit_s)
{
    struct meta_action *a = &m->action[m->n_actions++];
    char time[32];
    a->name = need(strdup(name));
    if (!limit_s)
        return;
    snprintf(time, sizeof(time), "%us", limit_s + MORE_S);
    a->timeout = need(strdup(time));
}

struct meta *unitfile_meta(const char *dirs, const char *type, struct str *why)
{
    char name[300], path[4096], line[LINE_LEN], brief[LINE_LEN] = "";
    char both[64] = "", start[64] = "", stop[64] = "";
    char *at;
    snprintf(name, sizeof(name) - 1, "%s%s", type,
             has_type(type, ARRAY_LEN(types)) ? "" : ".service");
    bool there = !strchr(name, '/') && file_find(dirs, name, path, sizeof(path));
    if (!there && !strchr(name, '/') && (at = strchr(name, '@')) != NULL) {
        char of[300];
        snprintf(of, sizeof(of), "%.*s@%s", (int)(at - name), name, strrchr(name, '.'));
        there = file_find(dirs, of, path, sizeof(path));
    }
    FILE *f = there ? fopen(path, "re") : NULL;
    if (!f) {
        str_addf(why, _("there is no systemd unit %s on this machine"), name);
        return NULL;
    }
    while (fgets(line, sizeof(line), f))
        (void)(key_read(line, "Description", brief, sizeof(brief)) ||
               key_read(line, "TimeoutSec", both, sizeof(both)) ||
               key_read(line, "TimeoutStartSec", start, sizeof(start)) ||
               key_read(line, "TimeoutStopSec", stop, sizeof(stop)));
    fclose(f);
    struct meta *m = need(calloc(1, sizeof(*m)));
    m->param = need(calloc(1, sizeof(*m->param)));
    m->action = need(calloc(3, sizeof(*m->action)));
    m->brief = need(strdup(brief));
    m->text = need(strdup(path));
    action_add(m, "start", span_read(*start ? start : both, LIMIT_S));
    action_add(m, "stop", span_read(*stop ? stop : both, LIMIT_S));
    action_add(m, "monitor", 0);
    return m;
}

bool unitfile_enabled(const char *class, const char *type, struct str *why)
{
    char pattern[600];
    glob_t found;
    bool typed = has_type(type, ARRAY_LEN(types)), lsb = str_eq(class, "lsb");
    if ((!lsb && !str_eq(class, "systemd")) || strpbrk(type, "*?[/\\"))
        return false;
    if (lsb)
        snprintf(pattern, sizeof(pattern), "/etc/rc[2-5].d/S[0-9][0-9]%s", type);
    else
        snprintf(pattern, sizeof(pattern), "/etc/systemd/system/*.{wants,requires}/%s%s", type,
                 typed ? "" : ".service");
    bool enabled = glob(pattern, GLOB_BRACE | GLOB_NOSORT, NULL, &found) == 0;
    globfree(&found);
    if (enabled)
        str_addf(why,
                 _("this machine starts it at boot by itself, behind yoke's back: type systemctl "
                   "disable %s on every node"),
                 type);
    return enabled;
}

void unitfile_each(const char *dirs, void (*fn)(void *context, const char *name), void *context)
{
    char dir[4096], path[8192], name[300];
    const struct dirent *e;
    for (const char *at = dirs; *at;) {
        size_t len = strcspn(at, ":");
        snprintf(dir, sizeof(dir), "%.*s", (int)len, at);
        at += len + (at[len] == ':');
        DIR *d = opendir(dir);
        while (d && (e = readdir(d)) != NULL) {
            snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
            if (!has_type(e->d_name, LISTED) || !is_unit(path))
                continue;
            snprintf(name, sizeof(name), "%s", e->d_name);
            if (str_eq(strrchr(name, '.'), ".service"))
                *strrchr(name, '.') = '\0';
            fn(context, name);
        }
        if (d)
            closedir(d);
    }
}
