# The two copies of the configuration grew apart: one wins by rule, the other is saved and named.
takeover 2s
link lan udp
link com serial 115200
service ip 50 30 10
service db 400 200 20
cib db1 3.4 2.1
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive power stonith:fence_sim op monitor interval=60s
end
cib db2 3.2 2.1
primitive ip ocf:yoke:ip params ip=192.0.2.200 op monitor interval=10s timeout=20s
primitive power stonith:fence_sim op monitor interval=60s
end
at 0 boot db1
at 100 boot db2
until 20000
