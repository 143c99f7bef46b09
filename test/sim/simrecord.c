/* SPDX-License-Identifier: GPL-2.0-or-later
 * simrecord: a recording of one simulated node. See simrecord.h.
 *
 * Happy path: head at the start of each life, then every event and, now and then, the hash after
 * it. Ways to fail: more than the buffer holds, or a file that cannot be written: told, no
 * recording. */
#include <assert.h>
#include <stdio.h>
#include "lib/conf/show.h"
#include "lib/core/record.h"
#include "test/sim/simrecord.h"

enum { RECORD_BYTES = 32 * 1024 * 1024, HASH_EVERY = 7 };

static struct {
    bool on;
    unsigned host;
    uint64_t events;
    struct buf buf;
    struct record record;
    uint8_t bytes[RECORD_BYTES];
} tape;

static bool taped(const struct world *w, const struct host *h)
{
    (void)w;
    return tape.on && tape.host == h->self;
}

void simrecord_open(struct world *w, unsigned host)
{
    (void)w;
    assert(host < SIM_NODES);
    tape.on = true;
    tape.host = host;
}

void simrecord_life(struct world *w, const struct host *h, uint64_t seed)
{
    static char text[CONF_PRINT_MAX];
    struct str out;
    if (!taped(w, h))
        return;
    str_init(&out, text, sizeof(text));
    conf_print(&w->conf, NULL, NULL, &out);
    assert(!out.cut);
    struct record_head head = {
        .limits = w->limits, .self = (uint8_t)h->self, .seed = seed, .conf_text = text};
    buf_write_init(&tape.buf, tape.bytes, sizeof(tape.bytes));
    record_put_head(&tape.buf, &head);
    record_init(&tape.record);
    tape.events = 0;
}

void simrecord_event(struct world *w, const struct host *h, const struct event *ev)
{
    if (!taped(w, h))
        return;
    record_put(&tape.record, &tape.buf, ev);
    tape.events++;
}

void simrecord_hash(struct world *w, const struct host *h)
{
    if (taped(w, h) && tape.events % HASH_EVERY == 0)
        record_put_hash(&tape.buf, node_hash(h->node));
}

bool simrecord_close(struct world *w, const char *path)
{
    (void)w;
    FILE *f = tape.buf.bad ? NULL : fopen(path, "wb");
    bool ok = f && fwrite(tape.bytes, 1, tape.buf.pos, f) == tape.buf.pos;
    if (f && fclose(f))
        ok = false;
    if (ok)
        printf("%llu events of %s recorded\n", (unsigned long long)tape.events,
               host_name(w, tape.host));
    else
        fprintf(stderr, "%s: the recording cannot be written\n", path);
    tape.on = false;
    return ok;
}
