# test/sim: the simulator, its negative controls and the stories
check_PROGRAMS += test/sim/sim
test_sim_sim_SOURCES = \
	test/sim/mishap.c test/sim/mishap.h test/sim/fencedev.c test/sim/fencedev.h \
	test/sim/host.c test/sim/host.h test/sim/liveness.c test/sim/liveness.h \
	test/sim/net.c test/sim/net.h test/sim/operator.c test/sim/operator.h \
	test/sim/oracle.c test/sim/oracle.h test/sim/quorum.c test/sim/quorum.h test/sim/simkeeper.c \
	test/sim/simkeeper.h test/sim/replay.c test/sim/replay.h \
	test/sim/ringagent.c test/sim/ringagent.h test/sim/ringcoro.c test/sim/ringcoro.h \
	test/sim/ringdog.c test/sim/ringdog.h test/sim/ringfence.c test/sim/ringfence.h \
	test/sim/ringhost.c test/sim/ringhost.h test/sim/ringlive.c test/sim/ringlive.h test/sim/ringlun.c test/sim/ringlun.h \
	test/sim/ringmishap.c test/sim/ringmishap.h test/sim/ringnet.c test/sim/ringnet.h \
	test/sim/ringoper.c test/sim/ringoper.h test/sim/ringoracle.c test/sim/ringoracle.h \
	test/sim/ringsim.c test/sim/ringsim.h test/sim/ringswarm.c test/sim/ringswarm.h \
	test/sim/ringtrace.c test/sim/ringtrace.h test/sim/ringworld.c test/sim/ringworld.h \
	test/sim/sim.c test/sim/simagent.c test/sim/simagent.h \
	test/sim/simlun.c test/sim/simlun.h test/sim/simreserve.c test/sim/simreserve.h \
	test/sim/simwrite.c test/sim/simwrite.h test/sim/umpire.c test/sim/umpire.h test/unit/lun.c test/unit/lun.h \
	test/sim/simrecord.c test/sim/simrecord.h test/sim/simtrace.c test/sim/simtrace.h \
	test/sim/story.c test/sim/story.h \
	test/sim/swarm.c test/sim/swarm.h test/sim/world.c test/sim/world.h
test_sim_sim_LDADD = $(LIB_PURE) $(LIB_PURE_LIBS)

dist_check_SCRIPTS += test/sim/seeds test/sim/barks test/sim/replays test/golden/stories
TESTS += test/sim/seeds test/sim/barks test/sim/replays test/golden/stories
EXTRA_DIST += test/golden/story
