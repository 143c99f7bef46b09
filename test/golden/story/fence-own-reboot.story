# pcmk_reboot_action asks for the own reboot of the device: it is done, and said that nobody has seen the node off.
takeover 2s
link lan udp
link com serial 115200
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
group treasury ip db
primitive power stonith:fence_sim params pcmk_reboot_action=reboot op monitor interval=60s
end
at 0 boot db1
at 100 boot db2
at 10000 kill db1
until 40000
