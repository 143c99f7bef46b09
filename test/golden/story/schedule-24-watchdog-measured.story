# Schedule 24: what a watchdog says of its time-out is no proof. Its feeding is ended on request (yoke
# watchdog test); the peer measures how long the machine lives, and takes nothing on trust before.
takeover 10s
link lan udp
link com serial 115200
link quorum disk
guard lease
watchdog hardware
service ip 50 30 10
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
end
at 0 boot db1
at 100 boot db2
at 20000 starve db1
at 60000 boot db1
until 90000
