/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_blocktree: finding a resource's disks in trees of sysfs and /dev that the test makes itself,
 * with a pvs of its own; what agents, multipathd, the kernel and disks say of themselves. */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "daemon/blocktree.h"
#include "daemon/diskparam.h"
#include "daemon/multipath.h"
#include "daemon/scsi.h"
#include "daemon/trait.h"
#include "daemon/uevent.h"
#include "lib/core/event.h"

/* An array with two LUNs by two paths each (mpatha on sdb sdc, mpathb on sdd sde), a plain disk sdf
 * with a partition, and volume group vg-x: lv "data" on mpatha and mpathb. */
static const char tree_script[] =
    "set -e; cd \"$1\"; mkdir -p sys/dev/block sys/class/block sys/devices dev/mapper "
    "dev/disk/by-uuid dev/vg-x bin\n"
    "node() { d=sys/devices/$1; mkdir -p $d/slaves; echo $2 >$d/dev; n=${1##*/}; : >dev/$n\n"
    "  ln -s ../../devices/$1 sys/dev/block/$2; ln -s ../../devices/$1 sys/class/block/$n; }\n"
    "disk() { node $1 $2; mkdir sys/devices/$1/device; echo \"$3\" >sys/devices/$1/device/wwid; }\n"
    "map() { node $1 $2; mkdir sys/devices/$1/dm; echo $3 >sys/devices/$1/dm/name\n"
    "  echo $4 >sys/devices/$1/dm/uuid; ln -s ../$1 dev/mapper/$3; shift 4\n"
    "  for s; do ln -s ../../$s sys/devices/$d_slaves/$s; done; }\n"
    "disk sda 8:0 't10.ATA     LOCAL   1 '\n"
    "disk sdb 8:16 naa.6002; disk sdc 8:32 naa.6002\n"
    "disk sdd 8:48 naa.6001; disk sde 8:64 naa.6001\n"
    "disk sdf 8:80 naa.5003; node sdf/sdf1 8:81; echo 1 >sys/devices/sdf/sdf1/partition\n"
    "d_slaves=dm-0/slaves; map dm-0 254:0 mpatha mpath-36002 sdb sdc\n"
    "d_slaves=dm-1/slaves; map dm-1 254:1 mpathb mpath-36001 sdd sde\n"
    "d_slaves=dm-2/slaves; map dm-2 254:2 vg--x-data LVM-abc dm-0 dm-1\n"
    "ln -s ../dm-2 dev/vg-x/data; ln -s ../../sdf1 dev/disk/by-uuid/12-34\n"
    "node loop0 7:0; node vda 253:0; : >dev/tty9\n"
    "printf '#!/bin/sh\\n[ \"$6 $7\" = \"vg_name=cold --foreign\" ] || exit 5\\necho \"  /dev/sdf1 "
    "\"\\n' >bin/pvs\n"
    "chmod +x bin/pvs\n";

static char top[64], sys[80], dev[80], bin[80];
static struct blocktree tree;
static struct disk_set set;

static void setup(void)
{
    char file[96], line[256];
    strcpy(top, "/tmp/t_blocktree.XXXXXX");
    ck_assert(mkdtemp(top) != NULL);
    snprintf(file, sizeof file, "%s/make", top);
    FILE *f = fopen(file, "w");
    ck_assert(f != NULL && fputs(tree_script, f) >= 0 && fclose(f) == 0);
    snprintf(line, sizeof line, "sh %s %s", file, top);
    ck_assert_int_eq(system(line), 0);
    snprintf(sys, sizeof sys, "%s/sys", top);
    snprintf(dev, sizeof dev, "%s/dev", top);
    snprintf(bin, sizeof bin, "%s/bin", top);
    tree = (struct blocktree){sys, dev};
}

static void teardown(void)
{
    char line[128];
    snprintf(line, sizeof line, "rm -rf %s", top);
    ck_assert_int_eq(system(line), 0);
}

static enum err find(const char *env, size_t len, char why[256])
{
    struct str s;
    str_init(&s, why, 256);
    memset(&set, 0, sizeof set);
    return diskparam_find(&tree, bin, env, len, &set, &s);
}

#define FIND(env, why) find(env, sizeof env, why)

static void check_volume(void)
{
    ck_assert_uint_eq(set.n, 2); /* by name, not as found */
    ck_assert_str_eq(set.at[0].name, "naa.6001");
    ck_assert_str_eq(set.at[0].map, "mpathb");
    ck_assert_uint_eq(set.at[0].n_paths, 2);
    ck_assert_str_eq(set.at[1].name, "naa.6002");
    ck_assert_str_eq(set.at[1].used, "dm-0");
    ck_assert_uint_eq(set.at[1].kind, DISK_SCSI);
}

START_TEST(logical_volume)
{
    char why[256];
    ck_assert_int_eq(FIND("OCF_RESKEY_device=/dev/vg-x/data\0", why), ERR_OK);
    check_volume();
    ck_assert_int_eq(FIND("OCF_RESKEY_device=/dev/mapper/vg--x-data\0", why), ERR_OK);
    check_volume();
    /* Two ways to the same disks. */
    ck_assert_int_eq(FIND("OCF_RESKEY_vgname=vg-x\0OCF_RESKEY_device=/dev/vg-x/data\0", why),
                     ERR_OK);
    check_volume();
}
END_TEST

START_TEST(partition)
{
    char why[256];
    ck_assert_int_eq(FIND("OCF_RESKEY_device=UUID=12-34\0", why), ERR_OK);
    ck_assert_uint_eq(set.n, 1);
    ck_assert_str_eq(set.at[0].used, "sdf");
    ck_assert_str_eq(set.at[0].map, "");
    ck_assert_str_eq(set.at[0].path[0].dev, "sdf");
    ck_assert_uint_eq(set.at[0].path[0].number.minor, 80);
    ck_assert_int_eq(FIND("OCF_RESKEY_devices=/dev/sda, /dev/sdf1\0", why), ERR_OK);
    ck_assert_uint_eq(set.n, 2);
    ck_assert_str_eq(set.at[1].name, "t10.ATA_LOCAL_1");
}
END_TEST

START_TEST(cold_volume_group)
{
    char why[256];
    ck_assert_int_eq(FIND("OCF_RESKEY_vgname=cold\0", why), ERR_OK);
    ck_assert_uint_eq(set.n, 1);
    ck_assert_str_eq(set.at[0].name, "naa.5003");
    ck_assert_int_eq(FIND("OCF_RESKEY_device=/dev/cold/lv\0", why), ERR_OK);
    ck_assert_uint_eq(set.n, 1);
    ck_assert_int_eq(FIND("OCF_RESKEY_vgname=none\0", why), ERR_MISSING);
    ck_assert(strstr(why, "volume group none is not there") != NULL);
}
END_TEST

START_TEST(no_disk)
{
    char why[256];
    ck_assert_int_eq(FIND("OCF_RESKEY_ip=10.0.0.1\0OCF_RESKEY_tty=/dev/tty9\0", why), ERR_OK);
    ck_assert_uint_eq(set.n, 0);
    ck_assert_int_eq(FIND("OCF_RESKEY_device=/dev/sdz\0", why), ERR_MISSING);
    ck_assert(strstr(why, "/dev/sdz is not there") != NULL);
    ck_assert_int_eq(FIND("OCF_RESKEY_CRM_meta_device=/dev/sdz\0", why), ERR_OK);
    ck_assert_int_eq(find(NULL, 0, why), ERR_OK);
    ck_assert_int_eq(FIND("OCF_RESKEY_device=/dev/vda /dev/loop0\0", why), ERR_OK);
    ck_assert_uint_eq(set.at[0].kind, DISK_OTHER);
    ck_assert(strstr(disk_kind_text(&set.at[0]), "loop") != NULL);
    ck_assert(strstr(disk_kind_text(&set.at[1]), "virtio") != NULL);
}
END_TEST

START_TEST(name_page)
{
    char name[SCSI_NAME_LEN];
    /* A port's name, a vendor's, a short and a long NAA: the long one is the disk's. */
    uint8_t page[] = {0,    0x83, 0, 44, 0x01, 0x13, 0, 8,    9, 9, 9,    9,    9,    9,    9,  9,
                      0x02, 0x01, 0, 2,  'X',  'Y',  1, 0x03, 0, 2, 0x50, 0x01, 0x01, 0x03, 0,  16,
                      0x60, 1,    2, 3,  4,    5,    6, 7,    8, 9, 10,   11,   12,   13,   14, 15};
    ck_assert(scsi_name_get(page, sizeof page, name));
    ck_assert_str_eq(name, "naa.600102030405060708090a0b0c0d0e0f");
    ck_assert(scsi_name_get(page, sizeof page - 1, name)); /* cut: the next best */
    ck_assert_str_eq(name, "naa.5001");
    ck_assert(!scsi_name_get(page, 16, name));
    page[1] = 0x80;
    ck_assert(!scsi_name_get(page, sizeof page, name));
}
END_TEST

START_TEST(words_of_others)
{
    ck_assert_uint_eq(trait_get("<x><?yoke-twice harmless?></x>"), RESERVE_HARMLESS);
    ck_assert_uint_eq(trait_get("<?yoke-data disk\n?>"), RESERVE_ONDISK);
    ck_assert_uint_eq(trait_get("<?yoke-twice harmlessly?>"
                                "<?yoke-datadisk disk?>yoke-twice harmless"),
                      0);
    ck_assert(multipath_keyed("defaults {\n\treservation_key file\n}", 7));
    ck_assert(multipath_keyed("reservation_key \"0x796b01\"", 0x796b01));
    ck_assert(!multipath_keyed("reservation_key 0x796b02", 0x796b01));
    ck_assert(!multipath_keyed("defaults {}", 7));
    static const char added[] =
        "add@/devices/x/block/sdb\0ACTION=add\0SUBSYSTEM=block\0DEVTYPE=disk";
    static const char part[] = "add@/devices/x\0SUBSYSTEM=block\0DEVTYPE=partition";
    ck_assert(uevent_concerns(added, sizeof added));
    ck_assert(!uevent_concerns(part, sizeof part));
    ck_assert(!uevent_concerns(added, sizeof added - 1)); /* not ended by NUL */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("blocktree");
    TCase *t = tcase_create("trees");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, logical_volume);
    tcase_add_test(t, partition);
    tcase_add_test(t, cold_volume_group);
    tcase_add_test(t, no_disk);
    suite_add_tcase(s, t);
    t = tcase_create("words");
    tcase_add_test(t, name_page);
    tcase_add_test(t, words_of_others);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
