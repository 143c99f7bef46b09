/* SPDX-License-Identifier: GPL-2.0-or-later
 * f_ini: any text as yoke.conf. Its faults are clean text and counted; what is accepted has a
 * timing in which every relation holds, and is printed as a text that is read back to the same. */
#include <string.h>
#include "lib/conf/show.h"
#include "test/fuzz/fuzz.h"

static const char *const texts[] = {
    "[cluster]\nname = treasury\nengine = pair ; pair\ntakeover = 10s\n[node db1]\nid = 1\n"
    "[node db2]\nid = 2\n[link lan]\ntype = udp\ndb1 = 192.168.10.11\ndb2 = 192.168.10.12\n"
    "[link com]\ntype = serial\ndb1 = /dev/ttyS0\ndb2 = /dev/ttyS0\nbaud = 115200\n"
    "[guard]\nuse = fence\n[security]\nkeyfile = /etc/yoke/key\nauth = hmac-sha256\n",
    "[link a]\ntype=tcp\nport=1\nx=fd00::1\ny=fd00::2\ninterval=50ms\n[node y]\nid=9\n[node "
    "x]\nid=3\n"
    "[cluster]\nname=x\ndeadtime=150ms\njoin-wait=derived\n[guard]\nuse=none\non-fenced=reset\n"
    "[daemon]\nstate-dir=/a\nrun-dir=/b\nagent-dirs=/c:/d\nfence-dirs=/e\ngroup=g\nrealtime=no\n"
    "lock-memory=off\nlog-level=debug\n",
    "[cluster]\nname=x\ndeadtime=150ms\n[node a]\nid=1\n[node b]\nid=2\n[link com]\ntype=serial\n"
    "baud=9600\na=/dev/a\nb=/dev/b\n",
    "\xef\xbb\xbf  [ cluster ] # head\r\n\tname: x\r\n  initdead=9s ; a "
    "comment\r\n[node\ta]\nid=1\n"
    "[node b ]\n id=2\n[link l]\n  type=udp\n  a=10.0.0.1\n  b=10.0.0.2\nudpport=694\n",
    "[clutser]\nname = x\n[disk quorum]\ndevice = /dev/sdb\n[guard]\nuse = reservation, lease, "
    "fence\n"
    "[watchdog]\n[node]\n[link a b]\n[cluster\n= x\nx "
    "=\nwords\n[cluster]\n[cluster]\nname=x\nname=y\n",
};

size_t fuzz_seed(unsigned i, uint8_t *to, size_t size)
{
    return fuzz_seed_text(i, texts, ARRAY_LEN(texts), to, size);
}

static void accepted(const struct conf *c, const struct conf_origin *origin)
{
    static char text[CONF_PRINT_MAX], again_text[CONF_PRINT_MAX];
    static struct conf again;
    static struct conf_faults faults;
    struct timing t;
    struct json j;
    struct str s;

    str_init(&s, text, sizeof text);
    FUZZ_MUST(timing_derive(c, &t, &s) == ERR_OK);
    FUZZ_MUST(timing_broken(c, &t) == NULL);
    timing_print(c, &t, NULL, &s);
    FUZZ_MUST(!s.cut);
    str_init(&s, text, sizeof text);
    json_init(&j, &s);
    json_open(&j, NULL, '{');
    conf_print_json(c, origin, &j);
    json_close(&j, '}');
    FUZZ_MUST(!s.cut);

    str_init(&s, text, sizeof text);
    conf_print(c, origin, NULL, &s);
    FUZZ_MUST(!s.cut);
    FUZZ_MUST(conf_parse(text, &again, &faults) == ERR_OK);
    FUZZ_MUST(memcmp(c, &again, sizeof again) == 0);
    str_init(&s, again_text, sizeof again_text);
    conf_print(&again, origin, NULL, &s);
    FUZZ_MUST(str_eq(text, again_text));
}

int fuzz_one(const uint8_t *at, size_t len)
{
    static char text[FUZZ_INPUT_MAX + 1];
    static struct conf c;
    static struct conf_origin origin;
    static struct conf_faults faults;

    FUZZ_MUST(len < sizeof text);
    memcpy(text, at, len);
    text[len] = '\0';
    enum err err = conf_parse_origin(text, &c, &origin, NULL, &faults);
    unsigned errors = 0;
    FUZZ_MUST(faults.n <= CONF_FAULTS_MAX);
    for (unsigned i = 0; i < faults.n; i++) {
        const char *fault = faults.at[i].text;
        FUZZ_MUST(memchr(fault, 0, CONF_FAULT_LEN) != NULL && fault[0] != '\0');
        for (; *fault != '\0'; fault++)
            FUZZ_MUST((unsigned char)*fault >= ' ' && *fault != '\x7f');
        errors += !faults.at[i].warning;
    }
    FUZZ_MUST(errors == faults.n_errors ||
              (faults.n == CONF_FAULTS_MAX && errors < faults.n_errors));
    FUZZ_MUST((err == ERR_OK) == (faults.n_errors == 0));
    FUZZ_MUST(err == ERR_OK || err == ERR_SYNTAX);
    if (err == ERR_OK)
        accepted(&c, &origin);
    return 0;
}
