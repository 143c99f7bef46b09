# Schedule 22: what runs on db1 is unmanaged, its daemon is ended for half a minute, and the other node has acknowledged
# that. Meanwhile the machine dies: silence is no reason to act, nor is the operator's word, because services are
# known to run there, unless he insists. When the time is over its silence counts, and the device is used.
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
at 11000 admin db1 leave for=30s
at 20000 kill db1
at 25000 admin db2 confirm-dead db1
at 26000 admin db2 manage treasury
until 60000
