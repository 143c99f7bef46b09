# Schedule 21: the owner beats on but cannot start any process, for half a minute; there is no fence device. The
# other asks it to reset itself, and takes over when it has booted anew.
takeover 2s
link lan udp
link com serial 115200
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
group treasury ip db
end
at 0 boot db1
at 100 boot db2
at 10000 exec db1 broken
at 30000 die db1 db
at 42000 exec db1 works
until 75000
