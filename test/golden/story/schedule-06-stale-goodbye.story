# Schedule 6: db2 says goodbye, later starts alone when the operator has confirmed the death of db1; with all links cut db1 boots:
# neither the goodbye that it once heard nor the right that it once had count any more.
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
at 10000 stop db2
at 15000 kill db1
at 20000 daemon-start db2
at 30000 admin db2 confirm-dead db1
at 40000 cut all
at 41000 fence dead
at 42000 boot db1
until 100000
