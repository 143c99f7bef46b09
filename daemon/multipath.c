/* SPDX-License-Identifier: GPL-2.0-or-later
 * multipath: see multipath.h. */
#include "daemon/multipath.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/journal.h"
#include "daemon/program.h"

enum {
    ARG_LEN = 96,
    OUT_BYTES = 4096,
    CONFIG_BYTES = 512 * 1024,
    EXIT_CONFLICT = 11, /* MPATH_PR_RESERV_CONFLICT */
    EXIT_NOT_READY = 2,
    EXIT_ATTENTION = 6
};

static char *arg_add(char text[ARG_LEN], const char *name, uint64_t key)
{
    struct str s;
    str_init(&s, text, ARG_LEN);
    str_addf(&s, "%s%" PRIx64, name, key);
    return text;
}

enum pr_outcome multipath_register(const char *map, const struct pr_command *c,
                                   uint64_t not_after_us)
{
    char rk[ARG_LEN], sark[ARG_LEN], device[ARG_LEN], text[OUT_BYTES];
    char *argv[8] = {"mpathpersist", "--out"};
    unsigned n = 2;
    struct str s, out;
    assert(c->op == PR_REGISTER || c->op == PR_REGISTER_OVER);
    str_init(&out, text, sizeof text);
    str_init(&s, device, sizeof device);
    str_addf(&s, "/dev/mapper/%s", map);
    argv[n++] = c->op == PR_REGISTER ? "--register" : "--register-ignore";
    if (c->op == PR_REGISTER && c->key)
        argv[n++] = arg_add(rk, "--param-rk=", c->key);
    argv[n++] = arg_add(sark, "--param-sark=", c->sa_key);
    if (c->sa_key)
        argv[n++] = "--param-aptpl";
    argv[n++] = device;
    if (s.cut || (not_after_us && clock_raw_us() > not_after_us))
        return PR_PATH;
    int rc = program_run(PROGRAM_DIRS, argv, NULL, MULTIPATH_LIMIT_MS, &out);
    return rc == 0                                        ? PR_GOOD
           : rc == EXIT_CONFLICT                          ? PR_CONFLICT
           : rc == EXIT_ATTENTION || rc == EXIT_NOT_READY ? PR_BUSY
                                                          : PR_FAILED;
}

bool multipath_keyed(const char *config, uint64_t key)
{
    static const char name[] = "reservation_key";
    for (const char *at = strstr(config, name); at; at = strstr(at + 1, name)) {
        const char *value = at + strlen(name);
        value += strspn(value, " \t\"");
        if (str_starts(value, "file") || (*value && strtoull(value, NULL, 16) == key))
            return true;
    }
    return false;
}

enum err multipath_check(uint64_t key, struct str *why)
{
    char *const ask[] = {"multipathd", "show", "config", NULL};
    char *config = malloc(CONFIG_BYTES);
    struct str out;
    if (!config)
        return ERR_FULL;
    str_init(&out, config, CONFIG_BYTES);
    int rc = program_run(PROGRAM_DIRS, ask, NULL, MULTIPATH_LIMIT_MS, &out);
    bool keyed = rc == 0 && multipath_keyed(config, key);
    free(config);
    if (rc != 0)
        str_addf(why, _("multipathd does not answer: is it running (multipathd show status)?"));
    else if (!keyed)
        str_addf(why, _("multipathd does not keep reservation keys: write 'reservation_key file' "
                        "into the section defaults of /etc/multipath.conf, then type "
                        "'multipathd reconfigure'"));
    return keyed ? ERR_OK : ERR_MISSING;
}
