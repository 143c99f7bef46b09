# The owner cannot stop in time: it resets itself before its date.
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
at 11000 hang db1 stop db times 3
at 12000 cut lan
at 12000 cut com
at 12000 cut quorum from db1
until 40000
