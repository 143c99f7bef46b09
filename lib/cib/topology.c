/* SPDX-License-Identifier: GPL-2.0-or-later
 * topology: fencing_topology, which fence devices are tried in which order.
 *   fencing_topology [NODE:] DEVICE[,DEVICE...] ... [NODE: ...]
 * A space begins the next level; a comma joins devices that must all succeed; levels before the
 * first NODE: are for every node that has none of its own. Devices are kept as texts and resolved
 * by build.c. Fails: targets by attribute or pattern, which are of a later version. */
#include <assert.h>
#include <string.h>
#include "lib/cib/reading.h"

/* A comma-separated list becomes texts one behind the other. */
static void level_read(struct reading *r, const char *target, char *word)
{
    struct cib *c = r->c;
    unsigned n = 1;
    if (*word == ',' || word[strlen(word) - 1] == ',' || strstr(word, ",,")) {
        READ_FAULT(r, "%.*s: between commas stands a fence device", FAULT_WORD(word));
        return;
    }
    if (c->n_levels == CIB_LEVELS_MAX) {
        READ_FAULT(r, "more than %d levels of fencing", CIB_LEVELS_MAX);
        r->at = r->end;
        return;
    }
    r->level[c->n_levels] = (struct raw_level){reading_offset(r, word), r->line};
    for (char *at = word; (at = strchr(at, ',')) != NULL; n++)
        *at++ = '\0';
    c->level[c->n_levels++] =
        (struct cib_level){.target = target, .node_index = NODE_NONE, .n_devices = (uint16_t)n};
}

static const char *target_read(struct reading *r, char *word)
{
    if (str_eq(word, "attr") || str_eq(word, "pattern") || strchr(word, '=')) {
        READ_FAULT(r, "fencing_topology by attribute or pattern is not in this version of yoke; "
                      "write NODE: DEVICE ...");
        r->at = r->end;
    } else if (!reading_id_ok(word, true)) {
        READ_FAULT(r, "%.*s cannot be the name of a node", FAULT_WORD(word));
    }
    return word;
}

void parse_topology(struct reading *r)
{
    const char *target = NULL;
    unsigned before = r->c->n_levels, since = before, faults = r->f->n_errors;
    char *word;
    bool again = before > 0;
    (void)reading_object(r, CIB_TOPOLOGY, 0, CIB_TOPOLOGY_ID);
    if (again) /* told by its id being there twice */
        return;
    while ((word = reading_word(r)) != NULL && r->f->n_errors == faults) {
        char *rest = reading_split(word);
        if (!rest) {
            level_read(r, target, word);
            continue;
        }
        if (target && r->c->n_levels == since)
            READ_FAULT(r, "%.*s: needs a fence device behind it", FAULT_WORD(target));
        target = target_read(r, word);
        since = r->c->n_levels;
        if (*rest && r->f->n_errors == faults)
            level_read(r, target, rest);
    }
    if (r->f->n_errors == faults && r->c->n_levels == since)
        READ_FAULT(r, "fencing_topology needs a fence device: fencing_topology [NODE:] DEVICE ...");
}
