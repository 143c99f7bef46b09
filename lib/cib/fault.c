/* SPDX-License-Identifier: GPL-2.0-or-later
 * fault: the list of what is wrong. Happy path: nothing is ever added. It cannot fail: past its end
 * errors are only counted. */
#include <assert.h>
#include "lib/cib/fault.h"

enum { SHOWN = 48 };

int cib_fault_len(const char *text)
{
    int len = 0;
    while (text[len]) {
        size_t n = str_utf8_len(text + len);
        len += n > 0 ? (int)n : 1;
        if (len > SHOWN)
            return len - (n > 0 ? (int)n : 1);
    }
    return len;
}

/* Words of a text that was refused for its bytes are shown, too: nothing of them may reach a
 * terminal or break the JSON in which faults travel. */
static void clean(char *text)
{
    for (size_t n; *text; text += n) {
        n = str_utf8_len(text);
        if (n == 0 || (unsigned char)*text < ' ' || *text == 0x7f) {
            *text = '?';
            n = 1;
        }
    }
}

const char *cib_fault_words(const struct cib_faults *f, const char *text)
{
    return f->translate ? f->translate(text) : text;
}

void cib_fault_add(struct cib_faults *f, unsigned line, bool warning, const char *format, ...)
{
    struct cib_fault *fault = NULL;
    struct str s;
    va_list ap;
    assert(f && format && f->n <= CIB_FAULTS_MAX);
    if (!warning)
        f->n_errors++;
    if (f->n < CIB_FAULTS_MAX)
        fault = &f->at[f->n++];
    for (unsigned i = CIB_FAULTS_MAX; !fault && !warning && i > 0; i--)
        if (f->at[i - 1].warning)
            fault = &f->at[i - 1];
    if (!fault)
        return;
    fault->line = line;
    fault->warning = warning;
    str_init(&s, fault->text, sizeof(fault->text));
    va_start(ap, format);
    str_addv(&s, cib_fault_words(f, format), ap);
    va_end(ap);
    clean(fault->text);
}

void cib_faults_sort(struct cib_faults *f)
{
    for (unsigned i = 1; i < f->n; i++)
        for (unsigned j = i; j > 0 && f->at[j].line - 1 < f->at[j - 1].line - 1; j--) {
            struct cib_fault fault = f->at[j];
            f->at[j] = f->at[j - 1];
            f->at[j - 1] = fault;
        }
}
