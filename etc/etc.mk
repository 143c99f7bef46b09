# etc
yokedocdir = $(datadir)/doc/yoke
dist_yokedoc_DATA = etc/yoke.conf.example README README.zh_CN

# What systemd needs: the unit, the group, the directories.
unitdir = $(systemdsystemunitdir)
nodist_unit_DATA = etc/yoked.service
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
install-data-local: etc/yoke.sysusers etc/yoke.tmpfiles
	$(MKDIR_P) "$(DESTDIR)$(sysusersdir)" "$(DESTDIR)$(tmpfilesdir)"
	$(INSTALL_DATA) $(srcdir)/etc/yoke.sysusers "$(DESTDIR)$(sysusersdir)/yoke.conf"
	$(INSTALL_DATA) etc/yoke.tmpfiles "$(DESTDIR)$(tmpfilesdir)/yoke.conf"
uninstall-local:
	rm -f "$(DESTDIR)$(sysusersdir)/yoke.conf" "$(DESTDIR)$(tmpfilesdir)/yoke.conf"
etc/yoked.service: etc/yoked.service.in Makefile
	@$(MKDIR_P) etc
	$(AM_V_GEN)sed -e 's|@sbindir[@]|$(sbindir)|g' $(srcdir)/etc/yoked.service.in > $@.new && mv $@.new $@
etc/yoke.tmpfiles: etc/yoke.tmpfiles.in Makefile
	@$(MKDIR_P) etc
	$(AM_V_GEN)sed -e 's|@runstatedir[@]|$(runstatedir)|g' -e 's|@localstatedir[@]|$(localstatedir)|g' \
		$(srcdir)/etc/yoke.tmpfiles.in > $@.new && mv $@.new $@
EXTRA_DIST += etc/yoked.service.in etc/yoke.sysusers etc/yoke.tmpfiles.in
CLEANFILES += etc/yoked.service etc/yoke.tmpfiles

# Services that many have, ready to be configured: yoke template.
templatedir = $(pkgdatadir)/templates
dist_template_DATA =
dist_template_DATA += etc/templates/dameng-datawatch.tmpl
dist_template_DATA += etc/templates/dameng-shared-disk.tmpl
dist_template_DATA += etc/templates/gateway-watch.tmpl
dist_template_DATA += etc/templates/kingbase-shared-disk.tmpl
dist_template_DATA += etc/templates/mysql-shared-disk.tmpl
dist_template_DATA += etc/templates/nfs-server.tmpl
dist_template_DATA += etc/templates/nginx-web.tmpl
dist_template_DATA += etc/templates/postgresql-shared-disk.tmpl
dist_template_DATA += etc/templates/resin-web.tmpl
dist_template_DATA += etc/templates/tomcat-web.tmpl
dist_template_DATA += etc/templates/tongweb-web.tmpl
dist_template_DATA += etc/templates/web-app.tmpl
dist_template_DATA += etc/templates/postgresql-streaming.tmpl
dist_template_DATA += etc/templates/oracle-shared-disk.tmpl
