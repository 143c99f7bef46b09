# As all-links-lost, but the idle node shoots later: the one that runs the services stays, and nothing moves.
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
property priority-fencing-delay=1s
end
at 0 boot db1
at 100 boot db2
at 10000 cut all
at 30000 heal all
until 60000
