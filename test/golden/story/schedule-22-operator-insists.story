# Schedule 22: as schedule-22-left-alone-until, and the operator insists: he has seen that the machine is off. (Without a time
# the services would be left alone until the daemon is back.)
takeover 2s
link lan udp
link com serial 115200
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
group treasury ip db
primitive power stonith:fence_sim op monitor interval=60s
end
at 0 boot db1
at 100 boot db2
at 10000 admin db1 unmanage treasury
at 11000 admin db1 leave for=1h
at 20000 kill db1
at 25000 admin db2 confirm-dead-force db1
at 26000 admin db2 manage treasury
until 60000
