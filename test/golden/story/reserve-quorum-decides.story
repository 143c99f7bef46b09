# Both links are cut, the quorum disk is not: nothing moves. Then that path of the owner fails as well: the
# idle one is first on the quorum disk, which decides, and takes over.
link lan udp
link com serial 115200
link quorum disk
takeover 8s
guard lease,reservation
watchdog hardware
array-disk quorum
array-disk data
service data 100 50 10
service ip 50 30 10
service db 200 100 20
cib
primitive data ocf:yoke:Filesystem params device=/dev/mapper/data directory=/data fstype=xfs op monitor interval=20s timeout=40s
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=20s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=20s timeout=60s
group treasury data ip db
location home treasury 10: db1
end
uses data data
uses ip harmless
uses db ondisk
at 0 boot db1
at 100 boot db2
at 12000 cut lan
at 12000 cut com
at 20000 cut quorum from db1
at 20000 path db1 quorum down
at 20000 path db1 data down
until 45000
