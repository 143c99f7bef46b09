# agents: OCF agents, where any OCF manager finds them, and the helpers that they share
ocfagentdir = $(ocfroot)/resource.d/yoke
dist_ocfagent_SCRIPTS = agents/ip agents/Filesystem agents/pgsql agents/Dummy
nodist_ocfagent_DATA = agents/yoke-common.sh
EXTRA_DIST += agents/yoke-common.sh.in
CLEANFILES += agents/yoke-common.sh

agents/yoke-common.sh: agents/yoke-common.sh.in Makefile
	$(AM_V_GEN)$(MKDIR_P) agents && \
	$(SED) -e 's|@pkglibexecdir[@]|$(pkglibexecdir)|' -e 's|@sysconfdir[@]|$(sysconfdir)|' $(srcdir)/agents/yoke-common.sh.in >$@.new && \
	mv $@.new $@

# What agents of other cluster managers call to say how much a copy wants to be promoted.
promotiondir = $(pkglibexecdir)/promotion
dist_promotion_SCRIPTS = agents/promotion/crm_master agents/promotion/crm_attribute

pkglibexec_PROGRAMS += agents/yoke-arp agents/yoke-exclusive agents/yoke-ping
agents_yoke_arp_SOURCES = agents/arpsend.c
agents_yoke_ping_SOURCES = agents/pingall.c
agents_yoke_exclusive_SOURCES = agents/exclusive.c
dist_ocfagent_DATA = agents/yoke-server.sh
dist_ocfagent_SCRIPTS += agents/app
dist_ocfagent_SCRIPTS += agents/mysql
dist_ocfagent_SCRIPTS += agents/nginx
dist_ocfagent_DATA += agents/yoke-java.sh
dist_ocfagent_SCRIPTS += agents/tomcat
dist_ocfagent_SCRIPTS += agents/tongweb
dist_ocfagent_SCRIPTS += agents/apusic
dist_ocfagent_SCRIPTS += agents/weblogic
dist_ocfagent_SCRIPTS += agents/jboss
dist_ocfagent_SCRIPTS += agents/resin
dist_ocfagent_SCRIPTS += agents/zookeeper
dist_ocfagent_DATA += agents/yoke-disk.sh
dist_ocfagent_DATA += agents/yoke-net.sh
dist_ocfagent_SCRIPTS += agents/nic
dist_ocfagent_SCRIPTS += agents/lvm
dist_ocfagent_SCRIPTS += agents/gateway
dist_ocfagent_SCRIPTS += agents/route
dist_ocfagent_SCRIPTS += agents/raid
dist_ocfagent_SCRIPTS += agents/multipath
dist_ocfagent_SCRIPTS += agents/iscsi
dist_ocfagent_SCRIPTS += agents/fc
dist_ocfagent_DATA += agents/yoke-datawatch.sh
dist_ocfagent_SCRIPTS += agents/dameng
dist_ocfagent_SCRIPTS += agents/nfsexport
dist_ocfagent_SCRIPTS += agents/kingbase
dist_ocfagent_DATA += agents/yoke-oracle.sh
dist_ocfagent_SCRIPTS += agents/oracle
dist_ocfagent_SCRIPTS += agents/oralsnr
dist_ocfagent_DATA += agents/yoke-replica.sh agents/yoke-standby.sh agents/yoke-rewind.sh
