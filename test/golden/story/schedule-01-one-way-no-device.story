# Schedule 1: the owner is heard by nobody but hears the other, and there is no device that answers: hearing
# proves nothing and silence proves nothing, so nothing is taken over; healed, all is as it was.
takeover 2s
link lan udp
link com serial 115200
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
at 9000 fence dead
at 10000 cut all from db1
at 60000 heal all
until 90000
