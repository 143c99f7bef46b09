/* SPDX-License-Identifier: GPL-2.0-or-later
 * yoke: the crm-style command line. Without a command it is interactive; with -f it takes commands
 * from a file. Options may stand before or behind the command.
 *
 * Exit codes: 0 done; 1 refused or failed; 2 not understood; 3 no daemon on this machine. */
#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/prompt.h"
#include "cli/workcopy.h"
#include "lib/base/num.h"
#include "config.h"

enum { TIMEOUT_MS = 120000 };

static void usage(FILE *to)
{
    fprintf(to, "%s\n",
            _("usage: yoke [OPTION]... [LEVEL] COMMAND [ARGUMENT]...\n"
              "  -j --json       one JSON object instead of text\n"
              "  -n --dry-run    show what would be done, change nothing\n"
              "  -w --wait       return when everything is done, not when it is accepted\n"
              "  -F --force      do it in spite of warnings\n"
              "  -f --file FILE  take commands from FILE (- for standard input)\n"
              "  -c --conf FILE  yoke.conf, if not /etc/yoke/yoke.conf\n"
              "  -N --node NAME  this machine's name in yoke.conf, if not its host name\n"
              "  -t --timeout T  wait at most T (for --wait; 120s)\n"
              "  -v --verbose    show warnings too\n"
              "  -q --quiet      say nothing on success\n"
              "     --version, -h --help\n"
              "Commands (any unique abbreviation will do; yoke help LEVEL tells more):"));
}

struct flag {
    const char *name, *brief;
    size_t offset;
};

static bool flag_take(struct ctx *x, const char *arg)
{
    static const struct flag flags[] = {
        {"--json", "-j", offsetof(struct ctx, json)},
        {"--dry-run", "-n", offsetof(struct ctx, dry_run)},
        {"--wait", "-w", offsetof(struct ctx, wait)},
        {"--force", "-F", offsetof(struct ctx, force)},
        {"--verbose", "-v", offsetof(struct ctx, verbose)},
        {"--quiet", "-q", offsetof(struct ctx, quiet)},
        {"--complete", "--complete", offsetof(struct ctx, complete)},
    };
    for (unsigned i = 0; i < ARRAY_LEN(flags); i++)
        if (str_eq(arg, flags[i].name) || str_eq(arg, flags[i].brief)) {
            *(bool *)(void *)((char *)x + flags[i].offset) = true;
            return true;
        }
    return false;
}

/* Takes the value of an option that has one: "--conf FILE" or "--conf=FILE". */
static const char *value_take(const char *name, const char *brief, int argc, char **argv, int *i)
{
    size_t len = strlen(name);
    const char *arg = argv[*i];
    assert(arg);
    if (!strncmp(arg, name, len) && arg[len] == '=')
        return arg + len + 1;
    if ((str_eq(arg, name) || str_eq(arg, brief)) && *i + 1 < argc)
        return argv[++*i];
    return NULL;
}

/* Options anywhere on the line; the words that are left are the command. Negative numbers and
 * single dashes are words. -1: go on, else the exit code. */
static int options(struct ctx *x, int *argc, char **argv, const char **file)
{
    int n = 0;
    const char *value;
    uint64_t ms;
    for (int i = 1; i < *argc; i++) {
        char *arg = argv[i];
        if (*arg != '-' || !arg[1] || (arg[1] >= '0' && arg[1] <= '9') || str_starts(arg, "-inf") ||
            str_starts(arg, "-INF")) {
            argv[n++] = arg;
        } else if (str_eq(arg, "-h") || str_eq(arg, "--help")) {
            usage(stdout);
            help_run(x, 0, NULL);
            return EXIT_OK;
        } else if (str_eq(arg, "--version")) {
            printf("yoke %s\n", PACKAGE_VERSION);
            return EXIT_OK;
        } else if ((value = value_take("--conf", "-c", *argc, argv, &i))) {
            x->conf_path = value;
        } else if ((value = value_take("--node", "-N", *argc, argv, &i))) {
            x->node = value;
        } else if ((value = value_take("--file", "-f", *argc, argv, &i))) {
            *file = value;
        } else if ((value = value_take("--timeout", "-t", *argc, argv, &i))) {
            if (num_ms(value, 86400000, &ms)) {
                complain(_("not a time: %s"), value);
                return EXIT_USAGE;
            }
            x->timeout_ms = (int)ms;
        } else if (!flag_take(x, arg)) {
            complain(_("there is no option %s; see yoke --help"), arg);
            return EXIT_USAGE;
        }
    }
    argv[n] = NULL;
    *argc = n;
    return -1;
}

int main(int argc, char **argv)
{
    struct ctx x = {.conf_path = SYSCONFDIR "/yoke/yoke.conf", .timeout_ms = TIMEOUT_MS};
    const char *file = NULL, *from_env = getenv("YOKE_CONF");
    setlocale(LC_ALL, "");
    bindtextdomain("yoke", LOCALEDIR);
    textdomain("yoke");
    if (from_env && *from_env)
        x.conf_path = from_env;
    int code = options(&x, &argc, argv, &file);
    if (code >= 0)
        return code;
    if (x.complete)
        return complete_show(&x, argc, argv);
    if (file) {
        FILE *in = str_eq(file, "-") ? stdin : fopen(file, "re");
        if (!in)
            return fail_with(EXIT_USAGE, _("cannot read %s: %s"), file, strerror(errno));
        return batch_run(&x, in, file);
    }
    /* A level alone leads into it; of those, only configure is worth reading from a pipe. */
    const char *level = argc == 1 ? command_level(argv[0]) : NULL;
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (argc == 0 || (level && (terminal || str_eq(level, "configure")))) {
        x.level = level;
        return terminal ? prompt_loop(&x) : batch_run(&x, stdin, "-");
    }
    code = command_run(&x, argc, argv);
    workcopy_close(&x);
    tell_end(&x, code);
    return code;
}
