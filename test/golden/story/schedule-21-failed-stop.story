# Schedule 21: a stop fails, by force as well, and there is no fence device: the node is asked to reset itself. With a
# lease its end is proven before it is back.
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
at 14000 fail db1 stop db rc 1 times 9
at 15000 admin db1 move treasury db2
until 60000
