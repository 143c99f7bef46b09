/* SPDX-License-Identifier: GPL-2.0-or-later
 * f_totem: any text as corosync.conf, held against a right yoke.conf. Its faults are clean text and
 * counted; what is refused has an error. */
#include <string.h>
#include "lib/conf/totem.h"
#include "test/fuzz/fuzz.h"

static const char yoke_conf[] =
    "[cluster]\nname = treasury\nengine = corosync\ntakeover = 10s\n[guard]\nuse = fence\n"
    "[node a]\nid = 1\n[node b]\nid = 2\n[node c]\nid = 9\n"
    "[link lan]\ntype = udp\na = 10.0.0.1\nb = 10.0.0.2\nc = 10.0.0.3\n"
    "[link two]\ntype = udp\na = fd00::1\nb = fd00::2\nc = fd00::3\n";

static const char *const texts[] = {
    "totem {\n version: 2\n cluster_name: treasury\n transport: knet\n crypto_cipher: aes256\n"
    " crypto_hash: sha256\n token: 1840\n token_coefficient: 0\n consensus: 2208\n interface {\n"
    "  linknumber: 1\n  mcastport: 5408\n }\n}\nnodelist {\n node {\n  name: a\n  nodeid: 1\n"
    "  ring0_addr: 10.0.0.1\n  ring1_addr: fd00::1\n }\n node {\n  name: b\n  nodeid: 2\n"
    "  ring0_addr: 10.0.0.2\n  ring1_addr: fd00::2\n }\n node {\n  nodeid: 9\n"
    "  ring0_addr: 10.0.0.3\n  ring7_addr: fd00::3\n  quorum_votes: 1\n }\n}\n"
    "quorum {\n provider: corosync_votequorum\n expected_votes: 3\n}\n",
    "# one\n\ttotem{\r\nsecauth:on\ntransport: udpu\ntoken: 3000\nringnumber: 0\n}\nnodelist {\n"
    "node {\nring0_addr: a\n}\nnode {\nring0_addr: b\nnodeid: 2\n}\n}\nquorum {\ntwo_node: 1\n"
    "device {\nmodel: net\nnet {\nhost: q\n}\n}\n}\nlogging {\nlogger_subsys {\nx: y\n}\n}\n",
    "totem {\nnonsense\n{\n{\n{\n{\n{\n{\n{\n{\n}\n}\n:\n}}\n",
};

size_t fuzz_seed(unsigned i, uint8_t *to, size_t size)
{
    return fuzz_seed_text(i, texts, ARRAY_LEN(texts), to, size);
}

int fuzz_one(const uint8_t *at, size_t len)
{
    static char text[FUZZ_INPUT_MAX + 1];
    static struct conf c;
    static struct conf_faults faults;
    struct timing t;
    struct timing_refusal no;

    if (c.n_nodes == 0)
        FUZZ_MUST(conf_parse(yoke_conf, &c, &faults) == ERR_OK);
    FUZZ_MUST(timing_solve(&c, &t, &no) == ERR_OK);
    FUZZ_MUST(len < sizeof text);
    memcpy(text, at, len);
    text[len] = '\0';
    enum err err = totem_check(text, &c, &t, NULL, &faults);
    FUZZ_MUST(err == ERR_OK || err == ERR_SYNTAX);
    FUZZ_MUST((err == ERR_OK) == (faults.n_errors == 0));
    FUZZ_MUST(faults.n <= CONF_FAULTS_MAX);
    for (unsigned i = 0; i < faults.n; i++) {
        const char *fault = faults.at[i].text;
        FUZZ_MUST(memchr(fault, 0, CONF_FAULT_LEN) != NULL && fault[0] != '\0');
        for (; *fault != '\0'; fault++)
            FUZZ_MUST((unsigned char)*fault >= ' ' && *fault != '\x7f');
    }
    return 0;
}
