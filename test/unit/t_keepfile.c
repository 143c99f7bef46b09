/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_keepfile: what is kept comes back; damage falls back to the other slot, or is refused with
 * advice; nothing begins anew while there are files. */
#include "test/unit/unit.h"
#include <errno.h>
#include "daemon/keepfile.h"
#include "test/unit/scratchdir.h"

static struct keepfile file;
static struct keep_found found;
static char words[1024];
static uint32_t versions; /* of the configuration that slots say was kept */

static enum err open_it(void)
{
    struct str why;
    str_init(&why, words, sizeof words);
    return keepfile_open(&file, scratch, &found, &why);
}

/* The first goes to slot 1, for a fresh file counts slot 0 as the newest. */
static void keep_epochs(uint32_t from, uint32_t to)
{
    for (uint32_t e = from; e <= to; e++) {
        struct kept k = {.epoch = e, .cib_epoch = versions, .cib_seq = versions, .alone_boot = 99};
        ck_assert_int_eq(keepfile_state(&file, &k), 0);
    }
}

static void begin(void)
{
    scratch_empty();
    ck_assert_int_eq(open_it(), ERR_OK);
    ck_assert(found.first);
    versions = 1;
}

static void end(void)
{
    keepfile_close(&file);
    free(found.cib_text);
    found.cib_text = NULL;
}

static void reopen(void)
{
    keepfile_close(&file);
    free(found.cib_text);
    found.cib_text = NULL;
}

START_TEST(test_first_and_later)
{
    reopen();
    ck_assert_int_eq(open_it(), ERR_OK);
    ck_assert(found.first); /* opened twice, kept nothing */
    ck_assert_int_eq(keepfile_cib(&file, "node a\n", 1, 1), 0);
    keep_epochs(1, 5);
    reopen();
    ck_assert_int_eq(open_it(), ERR_OK);
    ck_assert(!found.first);
    ck_assert(!found.one_slot);
    ck_assert_uint_eq(found.kept.epoch, 5);
    ck_assert_uint_eq(found.kept.alone_boot, 99);
    ck_assert_str_eq(found.cib_text, "node a\n");
}
END_TEST

/* A cut while either slot was written. */
START_TEST(test_one_slot_damaged)
{
    ck_assert_int_eq(keepfile_cib(&file, "", 1, 1), 0);
    keep_epochs(1, 6); /* 6 lies in slot 0 */
    reopen();
    scratch_damage("state", 100);
    ck_assert_int_eq(open_it(), ERR_OK);
    ck_assert(found.one_slot);
    ck_assert_uint_eq(found.kept.epoch, 5 + 1); /* 5 is left, and 6 may have been in the other */
    ck_assert_uint_eq(found.kept.alone_boot, 0);
    keep_epochs(7, 7); /* overwrites the damaged one, not the whole one */
    reopen();
    scratch_damage("state", KEEPSLOT_STRIDE + 100);
    ck_assert_int_eq(open_it(), ERR_OK);
    ck_assert_uint_eq(found.kept.epoch, 7 + 1);
}
END_TEST

START_TEST(test_both_slots_damaged)
{
    versions = 0;
    keep_epochs(1, 2);
    reopen();
    scratch_damage("state", 30);
    scratch_damage("state", KEEPSLOT_STRIDE + 30);
    ck_assert_int_eq(open_it(), ERR_CRC);
    ck_assert_ptr_nonnull(strstr(words, "restore"));
}
END_TEST

START_TEST(test_cut_short)
{
    char path[256];
    versions = 0;
    keep_epochs(1, 3);
    reopen();
    scratch_path(path, "state");
    ck_assert_int_eq(truncate(path, 700), 0);
    ck_assert_int_eq(open_it(), ERR_OK); /* one slot is left: 2 */
    ck_assert(found.one_slot);
    ck_assert_uint_eq(found.kept.epoch, 2 + 1);
    reopen();
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert_int_eq(open_it(), ERR_CRC);
}
END_TEST

/* The text's own head says its version, for the slot may be one behind. */
START_TEST(test_version_of_text)
{
    ck_assert_int_eq(keepfile_cib(&file, "node a\n", 4, 9), 0);
    keep_epochs(1, 1); /* says 1.1 */
    reopen();
    ck_assert_int_eq(open_it(), ERR_OK);
    ck_assert_uint_eq(found.kept.cib_epoch, 4);
    ck_assert_uint_eq(found.kept.cib_seq, 9);
}
END_TEST

START_TEST(test_text_edited)
{
    ck_assert_int_eq(keepfile_cib(&file, "node a\n", 4, 9), 0);
    keep_epochs(1, 1);
    reopen();
    scratch_damage("cib.crm", 41);
    ck_assert_int_eq(open_it(), ERR_CRC);
    ck_assert_ptr_nonnull(strstr(words, "first line"));
    scratch_write("cib.crm", "node b\n"); /* as advised: no first line */
    ck_assert_int_eq(open_it(), ERR_OK);
    ck_assert_str_eq(found.cib_text, "node b\n");
    ck_assert_uint_eq(found.kept.cib_epoch, 1);
}
END_TEST

START_TEST(test_something_gone)
{
    char path[256];
    ck_assert_int_eq(keepfile_cib(&file, "node a\n", 1, 1), 0);
    keep_epochs(1, 1);
    reopen();
    scratch_path(path, "cib.crm");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(open_it(), ERR_MISSING);
    scratch_write("cib.crm", "node a\n");
    scratch_path(path, "state");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(open_it(), ERR_MISSING);
    scratch_empty();
    ck_assert_int_eq(open_it(), ERR_OK);
    ck_assert(found.first);
}
END_TEST

START_TEST(test_lost_copies)
{
    char one[128], two[128], path[256];
    ck_assert_int_eq(keepfile_lost(&file, "node a\n", 3, 7, one, sizeof one), 0);
    ck_assert_int_eq(keepfile_lost(&file, "node b\n", 3, 7, two, sizeof two), 0);
    ck_assert_str_ne(one, two);
    ck_assert(strncmp(one, "cib.lost-3.7-", 13) == 0);
    scratch_path(path, one);
    ck_assert_int_eq(access(path, R_OK), 0);
    scratch_path(path, two);
    ck_assert_int_eq(access(path, R_OK), 0);
}
END_TEST

/* The state file's room is its own from the first day. */
START_TEST(test_full_disk)
{
    ck_assert_int_eq(access("/dev/full", W_OK), 0);
    struct keepfile full = file;
    full.state_fd = open("/dev/full", O_RDWR);
    struct kept k = {.epoch = 9};
    ck_assert_int_eq(keepfile_state(&full, &k), ENOSPC);
    ck_assert_uint_eq(full.generation, file.generation); /* the next try goes to the same slot */
    ck_assert_uint_eq(full.slot, file.slot);
    close(full.state_fd);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("keepfile");
    tcase_add_unchecked_fixture(t, scratch_make, scratch_remove); /* also when a test fails */
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, test_first_and_later);
    tcase_add_test(t, test_one_slot_damaged);
    tcase_add_test(t, test_both_slots_damaged);
    tcase_add_test(t, test_cut_short);
    tcase_add_test(t, test_version_of_text);
    tcase_add_test(t, test_text_edited);
    tcase_add_test(t, test_something_gone);
    tcase_add_test(t, test_lost_copies);
    tcase_add_test(t, test_full_disk);
    return unit_end();
}
