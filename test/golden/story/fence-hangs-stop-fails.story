# The device hangs while db1 seems away for a moment; db2, which coordinates, then cannot stop a service and asks to be fenced: that it is to be fenced now is not forgotten with the silence (seed 20009339).
takeover 2s
link lan udp
service db 400 200 20
cib
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
primitive power stonith:fence_sim op monitor interval=60s
location here db 100: db2
property stonith-timeout=20s priority-fencing-delay=0
end
at 0 boot db1
at 100 boot db2
at 10000 fence dead
at 10000 cut all
at 12000 heal all
at 20000 fail db2 stop db rc 1 times 9
at 20000 die db2 db
at 25000 fence works
until 60000
