# Tests. Each floor's unit tests, goldens and fuzzers are listed in a fragment of their own.
UNIT_CFLAGS = $(YOKE_CFLAGS) $(CHECK_CFLAGS)
UNIT_LIBS = $(CHECK_LIBS)
# Time limits of unit tests end what hangs; how busy the machine is must not matter.
AM_TESTS_ENVIRONMENT = : $${CK_TIMEOUT_MULTIPLIER=30}; export CK_TIMEOUT_MULTIPLIER;

include test/unit/base.mk
include test/unit/conf.mk
include test/unit/cib.mk
include test/unit/sched.mk
include test/unit/core.mk
include test/unit/runner.mk
include test/unit/shell.mk
include test/unit/reserve.mk
include test/unit/keeper.mk
include test/unit/cli.mk
include test/unit/po.mk
include test/fuzz/fuzz.mk
include test/sim/sim.mk
include test/model/model.mk
include test/agent/agent.mk
include test/lab/lab.mk
include test/system/system.mk
include test/bench/bench.mk

EXTRA_DIST += demo .clang-tidy test/cppcheck.supp test/installed test/need test/packages test/stages test/tidy

# Not in EXTRA_DIST: there `check` would mean the target, not the file.
dist-hook:
	cp -p $(srcdir)/check $(distdir)/check
