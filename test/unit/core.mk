# test/unit/core: lib/core
if HAVE_CHECK
check_PROGRAMS += test/unit/t_record
TESTS += test/unit/t_record
test_unit_t_record_SOURCES = test/unit/t_record.c
test_unit_t_record_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_record_LDADD = $(LIB_CORE) $(LIB_BASE) $(UNIT_LIBS)

CORELAB = test/unit/corelab.c test/unit/corelab.h
CORELAB_LIBS = $(LIB_PURE) $(LIB_PURE_LIBS) $(UNIT_LIBS)

# What a large configuration costs: figures, no test.
EXTRA_PROGRAMS += test/bench/corebench
test_bench_corebench_SOURCES = test/bench/corebench.c $(CORELAB)
test_bench_corebench_CFLAGS = $(UNIT_CFLAGS)
test_bench_corebench_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_exec
TESTS += test/unit/t_exec
test_unit_t_exec_SOURCES = test/unit/t_exec.c $(CORELAB)
test_unit_t_exec_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_exec_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_claim
TESTS += test/unit/t_claim
test_unit_t_claim_SOURCES = test/unit/t_claim.c $(CORELAB)
test_unit_t_claim_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_claim_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_path
TESTS += test/unit/t_path
test_unit_t_path_SOURCES = test/unit/t_path.c $(CORELAB)
test_unit_t_path_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_path_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_ring
TESTS += test/unit/t_ring
test_unit_t_ring_SOURCES = test/unit/t_ring.c $(CORELAB)
test_unit_t_ring_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_ring_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_ringclaim
TESTS += test/unit/t_ringclaim
test_unit_t_ringclaim_SOURCES = test/unit/t_ringclaim.c test/unit/lun.c test/unit/lun.h $(CORELAB)
test_unit_t_ringclaim_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_ringclaim_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_ringcoro
TESTS += test/unit/t_ringcoro
test_unit_t_ringcoro_SOURCES = test/unit/t_ringcoro.c test/sim/ringcoro.c test/sim/ringcoro.h
test_unit_t_ringcoro_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_ringcoro_LDADD = $(LIB_BASE) $(UNIT_LIBS)

check_PROGRAMS += test/unit/t_leave
TESTS += test/unit/t_leave
test_unit_t_leave_SOURCES = test/unit/t_leave.c $(CORELAB)
test_unit_t_leave_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_leave_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_bulk
TESTS += test/unit/t_bulk
test_unit_t_bulk_SOURCES = test/unit/t_bulk.c $(CORELAB)
test_unit_t_bulk_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_bulk_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_session
TESTS += test/unit/t_session
test_unit_t_session_SOURCES = test/unit/t_session.c $(CORELAB)
test_unit_t_session_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_session_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_request
TESTS += test/unit/t_request
test_unit_t_request_SOURCES = test/unit/t_request.c $(CORELAB)
test_unit_t_request_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_request_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_fencer
TESTS += test/unit/t_fencer
test_unit_t_fencer_SOURCES = test/unit/t_fencer.c $(CORELAB)
test_unit_t_fencer_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_fencer_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_lease
TESTS += test/unit/t_lease
test_unit_t_lease_SOURCES = test/unit/t_lease.c $(CORELAB)
test_unit_t_lease_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_lease_LDADD = $(CORELAB_LIBS)

check_PROGRAMS += test/unit/t_store
TESTS += test/unit/t_store
test_unit_t_store_SOURCES = test/unit/t_store.c $(CORELAB)
test_unit_t_store_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_store_LDADD = $(CORELAB_LIBS)
endif
