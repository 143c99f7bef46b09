/* SPDX-License-Identifier: GPL-2.0-or-later
 * medium: what is known of a link as a whole, whoever sent on it: whether the shell can use it, and
 * what came that was no frame of this cluster. Happy path: usable, nothing bad. Ways to fail:
 * noise, a wrong key, another cluster: counted, and told once a minute at most. */
#include "lib/core/medium.h"
#include "lib/base/str.h"

enum { TELL_EVERY_US = 60000000, NOISE_MIN = 20 };

void medium_foreign(struct node *n, unsigned l, enum say_id id, const char *what)
{
    struct link *link = &n->link[l];
    say_set(&link->bad, id);
    say_arg(&link->bad, n->conf.link[l].name);
    say_arg(&link->bad, what);
    link->bad_us = n->now_us;
    if (link->told_us && n->now_us - link->told_us < TELL_EVERY_US)
        return;
    link->told_us = n->now_us;
    out_event(n, &link->bad, NULL, NULL);
}

void medium_noise(struct node *n, unsigned l, enum err why, uint32_t count)
{
    if (l >= n->conf.n_links)
        return;
    struct link *link = &n->link[l];
    if (why == ERR_AUTH) {
        link->bad_auth += count;
        medium_foreign(n, l, SAY_LINK_WRONG_KEY, "");
    } else {
        char so_far[24];
        struct str s;
        str_init(&s, so_far, sizeof(so_far));
        *(why == ERR_CRC ? &link->bad_crc : &link->bad_form) += count;
        unsigned long long bad = link->bad_crc;
        bad += link->bad_form;
        str_addf(&s, "%llu", bad);
        if (bad >= NOISE_MIN)
            medium_foreign(n, l, SAY_LINK_NOISE, so_far);
    }
}

void medium_usable(struct node *n, unsigned l, bool usable, const char *reason)
{
    if (l >= n->conf.n_links)
        return;
    n->link[l].usable = usable;
    str_copy(n->link[l].reason, sizeof(n->link[l].reason), reason ? reason : "");
}
