# Schedule 1, one way: the owner hears the other and is not heard: hearing alone renews nothing.
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
at 12000 cut quorum from db1
at 20000 cut lan from db1
at 20000 cut com from db1
until 50000
