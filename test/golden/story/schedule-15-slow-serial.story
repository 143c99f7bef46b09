# Schedule 15: a serial line of 9600 baud alone, with a move over it: frames take long, and nobody is lost for that.
takeover 10s
link lan udp
link com serial 9600
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
group treasury ip db
primitive power stonith:fence_sim op monitor interval=60s
end
at 0 boot db1
at 100 boot db2
at 15000 cut lan
at 40000 admin db1 move treasury db2
until 70000
