# The daemon starts over in place (an upgrade): first on the node that serves and directs, while a start is under way,
# then on the other. Nothing is started or stopped, and neither node is told to look at its cables.
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
at 500 admin db1 start-over
at 15000 admin db1 start-over
at 20000 admin db2 start-over
until 30000
