# Cold start: both lose power, the idle one comes back alone: the record on the disk decides, after the
# lease of the other is over. The owner comes late, and joins.
link lan udp
link com serial 115200
link quorum disk
guard lease
watchdog hardware
takeover 10s
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
group treasury ip db
end
at 0 boot db1
at 100 boot db2
at 14000 kill db1
at 14000 kill db2
at 20000 boot db2
at 60000 boot db1
until 90000
