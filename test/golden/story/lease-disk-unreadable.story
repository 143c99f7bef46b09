# Schedule 13: an unreadable disk is never unchanged: the owner dies, the other cannot read the disk and
# waits, and says so, until it can.
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
at 12000 cut quorum from db2
at 14000 kill db1
at 40000 heal quorum
until 60000
