# A delay of the device for one node: it is waited for once, in the first round.
takeover 2s
link lan udp
link com serial 115200
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
group treasury ip db
primitive power stonith:fence_sim params pcmk_delay_base="db1:1500ms;db2:0" op monitor interval=60s
end
at 0 boot db1
at 100 boot db2
at 9000 fence fails 1
at 10000 kill db1
until 30000
