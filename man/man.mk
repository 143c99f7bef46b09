# Manual pages. Each page, or how it is made, is one paragraph.

# yoke.conf(5): hand-written head and tail, the option list between them from the option table.
dist_man_MANS += man/yoke.conf.5
EXTRA_DIST += man/yoke.conf.5.head man/yoke.conf.5.tail
CLEANFILES += man/yoke.conf.5
noinst_PROGRAMS += man/confman
man_confman_SOURCES = man/confman.c
man_confman_LDADD = $(LIB_CONF) $(LIB_BASE) $(LIB_PURE_LIBS)
man/yoke.conf.5: man/yoke.conf.5.head man/yoke.conf.5.tail man/confman$(EXEEXT)
	$(AM_V_GEN)mkdir -p man && \
	{ cat $(srcdir)/man/yoke.conf.5.head && man/confman$(EXEEXT) && \
	  cat $(srcdir)/man/yoke.conf.5.tail; } >$@.new && \
	sed 's|@sysconfdir[@]|$(sysconfdir)|g' $@.new >$@.out && rm -f $@.new && mv $@.out $@

# yoked(8)
dist_man_MANS += man/yoked.8
