# Schedule 10: the owner's clock loses a tenth, the other's gains one, and all links are cut: the owner ends late by the
# other's clock, and is over all the same before the other starts.
link lan udp
link com serial 115200
link quorum disk
guard lease
watchdog hardware
takeover 10s
rate db1 -100000
rate db2 100000
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
group treasury ip db
end
at 0 boot db1
at 100 boot db2
at 14000 cut quorum from db1
at 14000 cut lan
at 14000 cut com
at 13000 hang db1 stop db
until 45000
