# test/system: nodes as namespaces of one machine, with real daemons, agents and a PostgreSQL
system_helpers = test/system/nodeinit test/system/relay test/system/witness \
	test/system/tinyserver test/system/tcpprobe test/system/resetter test/system/lunserver
if HAVE_PQ
system_helpers += test/system/rowclient
test_system_rowclient_SOURCES = test/system/rowclient.c
test_system_rowclient_CFLAGS = $(YOKE_CFLAGS) $(PQ_CFLAGS)
test_system_rowclient_LDADD = $(PQ_LIBS)
endif
check_PROGRAMS += $(system_helpers)
test_system_nodeinit_SOURCES = test/system/nodeinit.c
test_system_relay_SOURCES = test/system/relay.c
test_system_witness_SOURCES = test/system/witness.c
test_system_tinyserver_SOURCES = test/system/tinyserver.c
test_system_tcpprobe_SOURCES = test/system/tcpprobe.c
test_system_resetter_SOURCES = test/system/resetter.c
test_system_lunserver_SOURCES = test/system/lunserver.c test/system/lunpacket.h test/unit/lun.c test/unit/lun.h
test_system_lunserver_LDADD = $(LIB_WIRE) $(LIB_BASE)

# A SCSI disk for whom it is preloaded into.
test/system/lunpath.so: test/system/lunpath.c test/system/lunpacket.h
	$(AM_V_CCLD)$(MKDIR_P) test/system && $(CC) -I. -I$(top_srcdir) $(YOKE_CFLAGS) -fPIC -shared -o $@ \
		$(srcdir)/test/system/lunpath.c -ldl
CLEANFILES += test/system/lunpath.so

EXTRA_DIST += test/system/lunpath.c test/system/run test/system/torture test/system/cases.py test/system/cases_app.py test/system/cases_bad.py test/system/cases_clone.py \
	test/system/cases_agent.py test/system/cases_disk.py test/system/cases_watchdog.py test/system/cases_fence.py \
	test/system/cases_lost.py test/system/cases_lun.py test/system/cases_template.py test/system/cases_replica.py \
	test/system/cases_engine.py test/system/cases_ring.py test/system/fence_lab test/system/nodeboot \
	test/system/lab.py test/system/network.py test/system/hardware.py test/system/ring.py test/system/pair.py test/system/probe.py test/system/demo.py test/system/demo_ring.py \
	test/system/ocf/resource.d/lab/tiny test/system/ocf/resource.d/lab/rascal test/system/ocf/resource.d/lab/role

# What the lab and the demo build before they begin.
system-programs: $(system_helpers) test/system/lunpath.so
.PHONY: system-programs
