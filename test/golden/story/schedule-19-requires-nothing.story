# Schedule 19: the address loses nothing by running twice: by silence alone it is started, the database is not; on heal one of the two keeps it.
takeover 2s
link lan udp
link com serial 115200
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s meta requires=nothing
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
colocation near inf: ip db
primitive power stonith:fence_sim op monitor interval=60s
end
at 0 boot db1
at 100 boot db2
at 9000 fence dead
at 10000 cut all
at 40000 heal all
until 80000
