# Schedule 24: a watchdog that does nothing. Its feeding is ended on request, and the machine lives on: an
# alarm, and when the node is silent later its lease is no proof: nothing is taken over.
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
at 20000 starve db2 in-vain
at 60000 cut all
until 90000
