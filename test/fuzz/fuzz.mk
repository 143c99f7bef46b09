# test/fuzz: seeded, deterministic fuzzers; without arguments each tries 20000 inputs in about a second.
# A new target: one line in FUZZERS, and its sources and libraries (upper floors first) below.
FUZZERS =
check_PROGRAMS += $(FUZZERS)
TESTS += $(FUZZERS)
FUZZ_MAIN = test/fuzz/fuzz.c test/fuzz/fuzz.h

FUZZERS += test/fuzz/f_frame
test_fuzz_f_frame_SOURCES = test/fuzz/f_frame.c $(FUZZ_MAIN)
test_fuzz_f_frame_LDADD = $(LIB_WIRE) $(LIB_BASE) $(CRYPTO_LIBS)

FUZZERS += test/fuzz/f_block
test_fuzz_f_block_SOURCES = test/fuzz/f_block.c $(FUZZ_MAIN)
test_fuzz_f_block_LDADD = $(LIB_WIRE) $(LIB_BASE)

FUZZERS += test/fuzz/f_framer
test_fuzz_f_framer_SOURCES = test/fuzz/f_framer.c $(FUZZ_MAIN)
test_fuzz_f_framer_LDADD = $(LIB_WIRE) $(LIB_BASE)

FUZZERS += test/fuzz/f_cmd
test_fuzz_f_cmd_SOURCES = test/fuzz/f_cmd.c $(FUZZ_MAIN)
test_fuzz_f_cmd_LDADD = $(LIB_WIRE) $(LIB_BASE)

FUZZERS += test/fuzz/f_ini
test_fuzz_f_ini_SOURCES = test/fuzz/f_ini.c $(FUZZ_MAIN)
test_fuzz_f_ini_LDADD = $(LIB_CONF) $(LIB_BASE) $(INIH_LIBS)

FUZZERS += test/fuzz/f_crm
test_fuzz_f_crm_SOURCES = test/fuzz/f_crm.c $(FUZZ_MAIN)
test_fuzz_f_crm_LDADD = $(LIB_CIB) $(LIB_BASE)

FUZZERS += test/fuzz/f_totem
test_fuzz_f_totem_SOURCES = test/fuzz/f_totem.c $(FUZZ_MAIN)
test_fuzz_f_totem_LDADD = $(LIB_CONF) $(LIB_BASE) $(INIH_LIBS)
