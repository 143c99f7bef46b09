# Schedule 6, row 41 of the models: db1, alone by right, leaves; its machine stays on. db2 boots with all
# links cut, and the operator calls db1 dead. The daemon of db1 comes back in the same boot: it finds
# nothing of its own running, so the right of its life before is void, and it waits.
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
at 5000 admin db1 confirm-dead db2
at 15000 cut all
at 16000 boot db2
at 20000 stop db1
at 25000 admin db2 confirm-dead db1
at 30000 daemon-start db1
until 40000
