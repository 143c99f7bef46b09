# agent: cases of the OCF agents alone; the system tests run them
EXTRA_DIST += test/agent/run test/agent/dummy.sh test/agent/filesystem.sh test/agent/ip.sh test/agent/pgsql.sh
EXTRA_DIST += test/agent/app.sh test/agent/standin/service
EXTRA_DIST += test/agent/mysql.sh test/agent/nginx.sh
EXTRA_DIST += test/agent/tomcat.sh
EXTRA_DIST += test/agent/javaserver.sh test/agent/zookeeper.sh test/agent/standin/java test/agent/standin/javaserver
EXTRA_DIST += test/agent/nic.sh
EXTRA_DIST += test/agent/lvm.sh test/agent/standin/devicemapper test/agent/vm
EXTRA_DIST += test/agent/gateway.sh test/agent/route.sh
EXTRA_DIST += test/agent/raid.sh test/agent/standin/mdadm test/agent/standin/storcli64
EXTRA_DIST += test/agent/multipath.sh test/agent/standin/dmsetup
EXTRA_DIST += test/agent/iscsi.sh test/agent/standin/iscsiadm
EXTRA_DIST += test/agent/dameng.sh test/agent/standin/dmserver test/agent/standin/disql test/agent/standin/DmService test/agent/standin/dmmonitor
EXTRA_DIST += test/agent/nfsexport.sh test/agent/standin/nfsd
EXTRA_DIST += test/agent/kingbase.sh test/agent/standin/kingbase
EXTRA_DIST += test/agent/oracle.sh test/agent/standin/oracle
EXTRA_DIST += test/agent/unit.sh test/agent/nest test/agent/standin/process1
EXTRA_DIST += test/agent/pgrepl.sh
