# test/unit: the daemon's hands and the client, with a shell that only listens
if HAVE_CHECK
HANDS_TESTS = test/unit/t_agent test/unit/t_child test/unit/t_control
check_PROGRAMS += $(HANDS_TESTS)
TESTS += $(HANDS_TESTS)
HANDS_CFLAGS = $(UNIT_CFLAGS) $(QB_CFLAGS)
HANDS_LIBS = $(DAEMON_HANDS) $(LIB_CLIENT) $(LIB_BASE) $(UNIT_LIBS) $(QB_LIBS)
HANDS_SOURCES = test/unit/listener.c test/unit/listener.h
test_unit_t_agent_SOURCES = test/unit/t_agent.c $(HANDS_SOURCES)
test_unit_t_agent_CFLAGS = $(HANDS_CFLAGS)
test_unit_t_agent_LDADD = $(HANDS_LIBS)
test_unit_t_control_SOURCES = test/unit/t_control.c $(HANDS_SOURCES)
test_unit_t_control_CFLAGS = $(HANDS_CFLAGS)
test_unit_t_control_LDADD = $(HANDS_LIBS)
test_unit_t_child_SOURCES = test/unit/t_child.c $(HANDS_SOURCES)
test_unit_t_child_CFLAGS = $(HANDS_CFLAGS)
test_unit_t_child_LDADD = $(HANDS_LIBS)
endif
