# A node that got the right to start alone keeps it over a restart of its daemon, not over a boot.
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
at 20000 admin db1 confirm-dead db2
at 30000 daemon-kill db1
at 30100 daemon-start db1
at 50000 kill db1
at 52000 boot db1
until 90000
