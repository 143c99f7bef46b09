/* SPDX-License-Identifier: GPL-2.0-or-later
 * edit: small changes of a configuration as text to text: every change is parsed and checked anew.
 */
#ifndef YOKE_CIB_EDIT_H
#define YOKE_CIB_EDIT_H

#include "lib/cib/parse.h"

enum cib_edit_kind {
    EDIT_META, /* object id, name, value: meta attribute of a primitive or group; value NULL removes
                */
    EDIT_PARAM, /* object id, name, value: instance parameter */
    EDIT_NODE,  /* node name, attribute, value: node attribute; makes the node object if needed */
    EDIT_PROPERTY,    /* "", name, value: cluster property */
    EDIT_RSC_DEFAULT, /* "", name, value */
    EDIT_OP_DEFAULT,  /* "", name, value */
    EDIT_DELETE,      /* object id: also from groups and constraints that name it, when force */
    EDIT_PUT /* "", "", one object definition as text: adds it or replaces the one of its id */
};
struct cib_edit {
    enum cib_edit_kind kind;
    const char *id, *name, *value;
    bool force;
};

/* Applies one edit to c and prints the result to out (which is left unparsed).
 * ERR_MISSING: no such object. ERR_CONFLICT: delete of something still named elsewhere, without
 * force. ERR_SYNTAX: the configuration that would come of it is not right; faults tell (lines are
 * those of EDIT_PUT's text, 0 for all else). ERR_FULL: out or scratch too small;
 * cib_arena_need(out->size) is always enough. out is undefined after an error. target-role,
 * is-managed or maintenance of a group is taken off its members, so that it holds. */
enum err cib_edit(const struct cib *c, const struct cib_names *names, const struct cib_edit *edit,
                  struct arena *scratch, struct str *out, struct cib_faults *faults) MUST_CHECK;

#endif
