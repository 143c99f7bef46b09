# A copy whose agent hangs or fails when it is told: that is said, and nothing waits for it for longer
# than its time-out; a stop does not wait at all.
takeover 2s
link lan udp
link com serial 115200
service db:0 400 200 20
service db:1 400 200 20
service db:promoted 100 50 20
service vip 50 30 10
fits db:0 100
fits db:1 50
cib
primitive db ocf:yoke:dameng op monitor interval=10s timeout=20s op monitor interval=9s role=Promoted timeout=20s op notify timeout=3s
primitive vip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
clone k-db db meta promotable=true notify=true
colocation vip-db inf: vip k-db:Promoted
order db-vip Mandatory: k-db:promote vip:start
primitive power stonith:fence_sim op monitor interval=60s
end
at 0 boot db1
at 100 boot db2
at 9000 hang db2 notify db:1
at 9000 fail db1 notify db:0 rc 1
at 10000 admin db1 move k-db db2
until 40000
