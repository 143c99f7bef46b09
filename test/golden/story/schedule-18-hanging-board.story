# Schedule 18: the management board hangs, as it does when its server has lost power: the power strips of the
# next level are begun beside it after three seconds, and are the proof; what is off is switched on again
# only when the board's agent has ended, because that may still act.
takeover 2s
link lan udp
link com serial 115200
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
group treasury ip db
primitive ilo stonith:fence_sim op monitor interval=60s
primitive pdu1 stonith:fence_sim op monitor interval=60s
primitive pdu2 stonith:fence_sim op monitor interval=60s
fencing_topology db1: ilo pdu1,pdu2 db2: ilo
end
at 0 boot db1
at 100 boot db2
at 9000 fence hangs ilo
at 10000 kill db1
until 120000
