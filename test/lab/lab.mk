# test/lab: two servers in QEMU; run by hand, because it takes minutes
EXTRA_DIST += test/lab/README test/lab/run test/lab/build test/lab/power test/lab/machine.py test/lab/scenario.py \
	test/lab/scenarios test/lab/guest/arrayinit test/lab/guest/init test/lab/guest/labdisk \
	test/lab/guest/labserver.c test/lab/guest/labsetup test/lab/guest/settings test/lab/guest/writer
