/* SPDX-License-Identifier: GPL-2.0-or-later
 * main: yoked, the daemon: command line, exit code.
 *
 * It stays in the foreground (systemd Type=notify). Exit codes: 0 left the cluster, nothing runs
 * here any more; 1 the machine lacks something; 2 wrong command line; 3 yoke.conf, key or own name
 * not usable; 4 state or run directory not usable; 5 another yoked has this run directory. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/journal.h"
#include "daemon/setup.h"
#include "daemon/shell.h"

enum { OPT_CHECK_ONLY = 256 };

static void usage(FILE *to)
{
    fprintf(to,
            _("Usage: yoked [-c FILE] [-n NAME] [-d] [--check]\n"
              "  -c, --config FILE  yoke.conf to use (%s)\n"
              "  -n, --node NAME    which [node NAME] this is (this machine's name)\n"
              "  -d, --debug        tell more, to standard error\n"
              "      --check        look at yoke.conf, key and name, and exit\n"
              "  -V, --version      print the version and exit\n"
              "  -h, --help         print this and exit\n"),
            SYSCONFDIR "/yoke/yoke.conf");
}

struct command {
    struct setup setup;
    bool check;
    int exit; /* -1: go on */
};

static struct command command_read(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"node", required_argument, NULL, 'n'},
                                            {"debug", no_argument, NULL, 'd'},
                                            {"check", no_argument, NULL, OPT_CHECK_ONLY},
                                            {"version", no_argument, NULL, 'V'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct command c = {.setup = {.path = SYSCONFDIR "/yoke/yoke.conf"}, .exit = -1};
    int option;
    while ((option = getopt_long(argc, argv, "c:n:dVh", options, NULL)) != -1) {
        switch (option) {
        case 'c': c.setup.path = optarg; break;
        case 'n': c.setup.node_name = optarg; break;
        case 'd': c.setup.verbose = true; break;
        case OPT_CHECK_ONLY: c.check = true; break;
        case 'V':
            printf("yoked %s\n", PACKAGE_VERSION);
            c.exit = SHELL_EXIT_OK;
            return c;
        case 'h':
            usage(stdout);
            c.exit = SHELL_EXIT_OK;
            return c;
        default:
            usage(stderr);
            c.exit = SHELL_EXIT_USAGE;
            return c;
        }
    }
    if (optind < argc) {
        fprintf(stderr, _("yoked: unexpected argument '%s'\n"), argv[optind]);
        usage(stderr);
        c.exit = SHELL_EXIT_USAGE;
    }
    return c;
}

/* The daemon's whole life. again: it wants to be started over. */
static int run(struct command *c, struct journal *j, bool *again)
{
    struct shell *s = calloc(1, sizeof *s);
    if (!s)
        return SHELL_EXIT_FAULT;
    journal_set_level(j, (enum say_level)c->setup.conf.log_level);
    s->journal = j;
    enum shell_exit code = shell_open(s, &c->setup);
    if (!code && !s->ended)
        qb_loop_run(s->loop);
    *again = s->exit_again;
    shell_close(s);
    free(s);
    return (int)code;
}

/* Where this program lies: by the time it starts over, a newer one may lie there. */
static void own_path(char *path, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    path[n > 0 ? n : 0] = '\0';
}

int main(int argc, char **argv)
{
    char path[CONF_PATH_LEN];
    own_path(path, sizeof path);
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    bindtextdomain(PACKAGE, LOCALEDIR);
    textdomain(PACKAGE);
    struct command c = command_read(argc, argv);
    if (c.exit >= 0)
        return c.exit;
    struct journal *j = journal_new(SAY_INFO, c.setup.verbose);
    if (!j)
        return SHELL_EXIT_FAULT;
    bool again = false;
    int code = SHELL_EXIT_CONFIG;
    if (!setup_read(&c.setup, j))
        code = c.check ? SHELL_EXIT_OK : run(&c, j, &again);
    if (c.check && code == SHELL_EXIT_OK)
        printf(_("%s: node %s of cluster %s, %u links: in order\n"), c.setup.path,
               c.setup.conf.node[c.setup.self].name, c.setup.conf.cluster, c.setup.conf.n_links);
    setup_free(&c.setup);
    if (again) {
        execv(path, argv);
        journal_note(j, SAY_ERROR, JOURNAL_EXIT, _("cannot start over: %s"), strerror(errno));
        code = SHELL_EXIT_FAULT;
    }
    journal_free(j);
    return code;
}
