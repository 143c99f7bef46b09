# The owner dies. Its key is taken from the disk of its group as soon as deadtime is over and a living owner
# had had its time; an address whose agent says that it does no harm, and a database that writes there, go with it.
link lan udp
link com serial 115200
takeover 4s
guard reservation
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
at 12000 kill db1
until 20000
