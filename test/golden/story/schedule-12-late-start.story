# Schedule 12: db2 freezes as the order to start comes, and no device answers: db1 does not start what db2 may yet start;
# db2 goes on and refuses the start, because what it knows of db1 is old. After they have met again, db1 starts it.
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
at 9000 fence dead
at 10000 admin db1 move treasury db2
at 10233 freeze db2 20000 machine
until 60000
