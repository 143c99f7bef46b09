# A disk that takes no state: no view can be formed, and none is tried for ever; the other node looks after what it runs.
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
at 10000 disk db2 broken
at 11000 daemon-kill db1
at 11100 daemon-start db1
at 60000 disk db2 works
until 80000
