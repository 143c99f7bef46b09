# Both leave at the same moment, each having said goodbye: neither may start alone later.
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
at 8000 admin db1 delete power
at 9000 admin db1 stop treasury
at 12000 stop db1
at 12000 stop db2
at 20000 cut all
at 25000 daemon-start db1
at 25000 daemon-start db2
until 45000
