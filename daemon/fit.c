/* SPDX-License-Identifier: GPL-2.0-or-later
 * fit: see fit.h. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/num.h"
#include "lib/base/str.h"
#include "lib/cib/model.h"
#include "daemon/fit.h"

static bool fit_file(char *path, size_t size, const char *run_dir, const struct act_agent *act)
{
    int n = snprintf(path, size, "%s/promotion/%s", run_dir, act->id);

    return act->promotable && n > 0 && (size_t)n < size;
}

void fit_env(struct agentenv *env, const char *run_dir, const struct act_agent *act)
{
    char path[512], dir[512];

    if (!fit_file(path, sizeof(path), run_dir, act))
        return;
    snprintf(dir, sizeof(dir), "%s/promotion", run_dir);
    if (mkdir(dir, 0755) != 0 && errno != EEXIST)
        return;
    agentenv_add(env, "OCF_YOKE_PROMOTION", path);
    /* Those of resource-agents take them from a directory, not by their path. */
    agentenv_add(env, "HA_SBIN_DIR", YOKE_LIBEXECDIR "/promotion");
    agentenv_add(env, "PATH",
                 YOKE_LIBEXECDIR
                 "/promotion:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
}

void fit_read(const char *run_dir, const struct act_agent *act, struct event *ev)
{
    char path[512], text[32] = "";
    int64_t score;
    ssize_t n;
    int fd;

    ev->agent.fit_told = FIT_NOTHING;
    if (!fit_file(path, sizeof(path), run_dir, act))
        return;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return;
    text[n] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    if (str_eq(text, "unset")) {
        ev->agent.fit_told = FIT_UNSET;
    } else if (str_eq_fold(text, "INFINITY") || str_eq_fold(text, "-INFINITY")) {
        ev->agent.fit_told = FIT_SCORE;
        ev->agent.fit = text[0] == '-' ? -SCORE_INF : SCORE_INF;
    } else if (num_i64(text, -SCORE_INF, SCORE_INF, &score) == ERR_OK) {
        ev->agent.fit_told = FIT_SCORE;
        ev->agent.fit = (int32_t)score;
    }
}
