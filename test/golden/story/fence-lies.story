# All links are cut, and the fence device of the node without services says off and does nothing: its status still says on, so nothing is taken over.
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
location here treasury 100: db1
end
at 0 boot db1
at 100 boot db2
at 9000 fence half-lies
at 9000 daemon-kill db1
until 40000
