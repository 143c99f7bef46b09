# A stop fails, by force as well: its processes are killed, nothing is left of it, and nobody is fenced.
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
at 0 killable db
at 9000 fail db1 stop db rc 1 times 9
at 10000 admin db1 move treasury db2
until 30000
