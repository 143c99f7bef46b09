# One of two power strips refuses: half a level is no proof, the level is begun again until both are off.
takeover 2s
link lan udp
link com serial 115200
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
group treasury ip db
primitive pdu1 stonith:fence_sim op monitor interval=60s
primitive pdu2 stonith:fence_sim op monitor interval=60s
fencing_topology pdu1,pdu2
end
at 0 boot db1
at 100 boot db2
at 9000 fence fails 2 pdu2
at 10000 kill db1
until 40000
