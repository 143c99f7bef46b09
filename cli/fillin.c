/* SPDX-License-Identifier: GPL-2.0-or-later
 * fillin: see fillin.h. */
#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cli/fillin.h"
#include "lib/base/num.h"

enum { NAME_LONGEST = 40 }; /* leaves room for what a template adds to a name */

/* ---- what is right -------------------------------------------------------------------------- */

static bool is_ip(const char *value)
{
    unsigned char address[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, value, address) == 1 || inet_pton(AF_INET6, value, address) == 1;
}

/* Addresses with blanks between them. */
static bool are_ips(const char *value)
{
    char one[64];
    unsigned n = 0;
    for (value += strspn(value, " "); *value; value += strspn(value, " "), n++) {
        size_t len = strcspn(value, " ");
        if (len >= sizeof(one))
            return false;
        memcpy(one, value, len);
        one[len] = '\0';
        if (!is_ip(one))
            return false;
        value += len;
    }
    return n > 0;
}

static bool is_netmask(const char *value)
{
    uint64_t bits;
    struct in_addr mask;
    if (!num_u64(value, 0, 128, &bits))
        return true;
    if (inet_pton(AF_INET, value, &mask) != 1)
        return false;
    uint32_t zeros = ~ntohl(mask.s_addr); /* ones first, then zeros */
    return (zeros & (zeros + 1)) == 0;
}

static bool is_name(const char *value)
{
    size_t len = strlen(value);
    return isalpha((unsigned char)*value) && len <= NAME_LONGEST &&
           strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.") ==
               len;
}

static bool is_user(const char *value)
{
    return *value && !isdigit((unsigned char)*value) && *value != '-' &&
           !strpbrk(value, " :/,\"'\\");
}

/* What mount takes as a source, too. */
static bool is_device(const char *value)
{
    const char *export = strstr(value, ":/");
    return (str_starts(value, "/") && value[1]) || str_starts(value, "UUID=") ||
           str_starts(value, "LABEL=") || (export && export != value);
}

static bool fits(enum template_type type, const char *value)
{
    uint64_t number;
    switch (type) {
    case TEMPLATE_NAME: return is_name(value);
    case TEMPLATE_IP: return is_ip(value);
    case TEMPLATE_IPS: return are_ips(value);
    case TEMPLATE_NETMASK: return is_netmask(value);
    case TEMPLATE_PATH: return str_starts(value, "/") && value[1];
    case TEMPLATE_DEVICE: return is_device(value);
    case TEMPLATE_NUMBER: return !num_u64(value, 0, 999999999, &number);
    case TEMPLATE_PORT: return !num_u64(value, 1, 65535, &number);
    case TEMPLATE_USER: return is_user(value);
    case TEMPLATE_YESNO: return str_eq(value, "yes") || str_eq(value, "no");
    case TEMPLATE_TEXT:
    case TEMPLATE_TYPES: break;
    }
    return true;
}

bool fillin_right(enum template_type type, const char *value, struct str *why)
{
    static const char *const wanted[TEMPLATE_TYPES] = {
        [TEMPLATE_TEXT] = "",
        [TEMPLATE_NAME] = N_("a name: a letter, then letters, digits, - _ and . (at most 40)"),
        [TEMPLATE_IP] = N_("an address such as 192.168.10.10 or fd00::10, without a prefix length"),
        [TEMPLATE_IPS] = N_("one or several addresses, with blanks between them"),
        [TEMPLATE_NETMASK] = N_("a prefix length such as 24, or a netmask such as 255.255.255.0"),
        [TEMPLATE_PATH] = N_("a whole path, which begins with /"),
        [TEMPLATE_DEVICE] = N_("a device: /dev/mapper/data, UUID=..., LABEL=..., or HOST:/DIR"),
        [TEMPLATE_NUMBER] = N_("a whole number"),
        [TEMPLATE_PORT] = N_("a port, 1 to 65535"),
        [TEMPLATE_USER] = N_("the name of a system user"),
        [TEMPLATE_YESNO] = N_("yes or no"),
    };
    assert(type < TEMPLATE_TYPES);
    for (const char *at = value; *at; at++)
        if (iscntrl((unsigned char)*at)) {
            str_add(why, _("text without control characters"));
            return false;
        }
    if (fits(type, value))
        return true;
    str_add(why, _(wanted[type]));
    return false;
}

/* ---- from the command line ------------------------------------------------------------------ */

void fillin_init(struct fillin *f, const struct template *t)
{
    memset(f, 0, sizeof(*f));
    f->t = t;
}

/* Blanks at both ends off; empty is none. False: why tells. */
static bool put(struct fillin *f, unsigned i, const char *value, struct str *why)
{
    size_t len = strlen(value += strspn(value, " \t"));
    while (len > 0 && isspace((unsigned char)value[len - 1]))
        len--;
    if (len >= TEMPLATE_VALUE_LEN) {
        str_addf(why, _("at most %d bytes"), TEMPLATE_VALUE_LEN - 1);
        return false;
    }
    memmove(f->room[i], value, len);
    f->room[i][len] = '\0';
    if (len && !fillin_right(f->t->param[i].type, f->room[i], why))
        return false;
    f->value[i] = len ? f->room[i] : NULL;
    f->given[i] = true;
    return true;
}

static int unknown(const struct fillin *f, const char *name)
{
    const char *names[TEMPLATE_PARAMS];
    for (unsigned i = 0; i < f->t->n_params; i++)
        names[i] = f->t->param[i].name;
    const char *near = str_nearest(name, names, f->t->n_params);
    if (near)
        return fail_with(EXIT_USAGE, _("%s has no parameter %s; did you mean %s?"), f->t->name,
                         name, near);
    return fail_with(EXIT_USAGE, _("%s has no parameter %s; see yoke template show %s"), f->t->name,
                     name, f->t->name);
}

int fillin_take(struct fillin *f, const char *word)
{
    char name[64], reason[256];
    struct str why;
    size_t len = strcspn(word, "=");
    snprintf(name, sizeof(name), "%.*s", (int)len, word);
    if (!word[len])
        return fail_with(EXIT_USAGE, _("'%s' is not PARAM=VALUE"), word);
    int at = template_param_find(f->t, word, len);
    if (at < 0)
        return unknown(f, name);
    str_init(&why, reason, sizeof(reason));
    if (!put(f, (unsigned)at, word + len + 1, &why))
        return fail_with(EXIT_USAGE, _("%s=%s is not right: it must be %s"), name, word + len + 1,
                         reason);
    return EXIT_OK;
}

/* ---- asked for ------------------------------------------------------------------------------ */

/* The default of a parameter as the values stand now; NULL when there is none. */
static const char *standard(const struct fillin *f, unsigned i, char *at, size_t size)
{
    struct str s;
    const char *value = f->t->param[i].value;
    str_init(&s, at, size);
    return value && template_expand(f->t, f->value, value, &s) && s.len ? at : NULL;
}

/* Is it of any use as the values before it stand? */
static bool wanted(const struct fillin *f, unsigned i)
{
    int on = f->t->param[i].only_if;
    return on < 0 || template_has(f->t, f->value, (unsigned)on);
}

static int ask_one(struct ctx *x, struct fillin *f, unsigned i)
{
    char question[2048], room[TEMPLATE_VALUE_LEN], answer[TEMPLATE_VALUE_LEN], reason[256];
    const struct template_param *p = &f->t->param[i];
    struct str s, why;
    const char *of_itself = standard(f, i, room, sizeof(room));
    str_init(&s, question, sizeof(question));
    str_addf(&s, "%s: %s", p->name, template_said(p->question));
    if (of_itself)
        str_addf(&s, " [%s]", of_itself);
    else if (p->required && p->example)
        str_addf(&s, _(" (such as %s)"), p->example);
    else if (p->example)
        str_addf(&s, _(" (such as %s; Enter: none)"), p->example);
    else if (!p->required)
        str_add(&s, _(" (Enter: none)"));
    str_add_char(&s, ':');
    for (;;) {
        if (!confirm_typed(x, question, NULL, answer, sizeof(answer)))
            return fail_with(EXIT_FAIL, _("nothing was changed"));
        bool nothing = !answer[strspn(answer, " \t")];
        if (nothing && p->required && !of_itself)
            continue;
        str_init(&why, reason, sizeof(reason));
        if (put(f, i, nothing && of_itself ? of_itself : answer, &why))
            return EXIT_OK;
        fprintf(stderr, _("It must be %s.\n"), reason);
    }
}

int fillin_ask(struct ctx *x, struct fillin *f)
{
    int code = EXIT_OK;
    for (unsigned i = 0; i < f->t->n_params && code == EXIT_OK; i++)
        if (!f->given[i] && wanted(f, i))
            code = ask_one(x, f, i);
    return code;
}

int fillin_finish(struct fillin *f)
{
    char list[1024], reason[256];
    struct str missing, why;
    str_init(&missing, list, sizeof(list));
    for (unsigned i = 0; i < f->t->n_params; i++) {
        const struct template_param *p = &f->t->param[i];
        if (!f->given[i])
            f->value[i] = standard(f, i, f->room[i], TEMPLATE_VALUE_LEN);
        str_init(&why, reason, sizeof(reason));
        if (f->value[i] && !fillin_right(p->type, f->value[i], &why))
            return fail_with(EXIT_USAGE, _("%s=%s is not right: it must be %s"), p->name,
                             f->value[i], reason);
        if (p->required && !f->value[i] && wanted(f, i))
            str_addf(&missing, "%s%s", missing.len ? ", " : "", p->name);
    }
    if (missing.len)
        return fail_with(EXIT_USAGE,
                         _("%s needs a value for %s: give PARAM=VALUE (yoke template show %s tells "
                           "what each is)"),
                         f->t->name, list, f->t->name);
    return EXIT_OK;
}

void fillin_look(const struct fillin *f)
{
    char text[TEMPLATE_VALUE_LEN + 256];
    struct stat st;
    for (unsigned i = 0; i < f->t->n_params; i++) {
        const struct template_param *p = &f->t->param[i];
        const char *value = f->value[i];
        *text = '\0';
        if (!value)
            continue;
        if (p->type == TEMPLATE_DEVICE && *value == '/' && stat(value, &st) != 0)
            snprintf(text, sizeof(text),
                     _("%s=%s: this machine has no such device now; unless the service itself "
                       "brings it (LVM), each node must have it"),
                     p->name, value);
        else if (p->type == TEMPLATE_USER && !getpwnam(value))
            snprintf(text, sizeof(text),
                     _("%s=%s: this machine has no such user; each node that is to run the service "
                       "needs it"),
                     p->name, value);
        if (*text)
            fault_tell("", 0, true, text);
    }
}
