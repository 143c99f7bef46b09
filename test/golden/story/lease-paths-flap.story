# Both paths flap together: the owner stops and resets nothing while they stutter for less than lost.
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
at 15000 cut all
at 16800 heal
at 18000 cut all
at 19800 heal
at 21000 cut all
at 22800 heal
at 24000 cut all
at 25800 heal
until 40000
