# test/unit/po: the translated sentences
if HAVE_CHECK
check_PROGRAMS += test/unit/t_translate
TESTS += test/unit/t_translate
test_unit_t_translate_SOURCES = test/unit/t_translate.c
test_unit_t_translate_CPPFLAGS = $(AM_CPPFLAGS) -DPO_DIR='"$(abs_top_srcdir)/po"'
test_unit_t_translate_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_translate_LDADD = $(LIB_CIB) $(LIB_CONF) $(LIB_BASE) $(INIH_LIBS) $(UNIT_LIBS) $(LTLIBINTL)
endif
