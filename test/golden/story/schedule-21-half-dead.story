# Schedule 21: the idle node beats on but cannot start any process: it says so at the first try, the services come back at once,
# and the move is done when it can again.
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
at 10000 exec db2 broken
at 15000 admin db1 move treasury db2
at 30000 exec db2 works
until 50000
