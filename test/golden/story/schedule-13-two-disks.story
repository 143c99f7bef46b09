# Schedule 13: two quorum disks. One is away when the owner dies: a lease that was renewed on that one alone could not be
# seen, so the takeover waits until both can be read.
link lan udp
link com serial 115200
link quorum disk
link second disk
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
at 14000 cut second
at 16000 kill db1
at 60000 heal second
until 80000
