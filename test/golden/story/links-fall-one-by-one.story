# The links are cut one after the other: the idle node shoots later, the owner stays; nobody had to configure anything.
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
at 10000 cut lan
at 20000 cut com
at 40000 heal all
until 70000
