# Schedule 12: no start leaves the core before the watchdog runs; nothing guarded is left: it is
# disarmed, and nobody is reset when all links are cut afterwards.
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
at 12000 admin db1 stop treasury
at 20000 cut all
until 45000
