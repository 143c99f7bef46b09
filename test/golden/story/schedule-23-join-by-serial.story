# Schedule 23: db2 comes back with an old configuration while only the serial line is left: it may be a member, but does not direct
# by what it knows, and gets the newest when it can.
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
at 10000 stop db2
at 12000 admin db1 stop db
at 15000 cut lan
at 16000 daemon-start db2
at 40000 heal all
until 60000
