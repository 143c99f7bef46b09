# agent: cases of the OCF agents alone; the system tests run them
EXTRA_DIST += test/agent/run test/agent/dummy.sh test/agent/filesystem.sh test/agent/ip.sh test/agent/pgsql.sh
EXTRA_DIST += test/agent/app.sh test/agent/standin/service
EXTRA_DIST += test/agent/mysql.sh test/agent/nginx.sh
EXTRA_DIST += test/agent/tomcat.sh
EXTRA_DIST += test/agent/javaserver.sh test/agent/zookeeper.sh test/agent/standin/java test/agent/standin/javaserver
EXTRA_DIST += test/agent/nic.sh
EXTRA_DIST += test/agent/lvm.sh test/agent/standin/devicemapper test/agent/vm
