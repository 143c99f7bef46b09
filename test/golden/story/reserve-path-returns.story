# A path of the owner comes back by another port, without its key: registered while the other is a member. Then
# it happens to the idle one while it is alone and cut off: no key comes back by itself.
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
at 10000 path db1 data 0 down
at 11000 path db1 data 0 bare
at 15000 cut lan
at 15000 cut com
at 20000 path db2 data 0 down
at 21000 path db2 data 0 bare
until 30000
