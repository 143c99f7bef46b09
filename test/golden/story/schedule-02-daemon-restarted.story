# Schedule 2: parted from everything, its daemon is killed and started again before its date: the new daemon
# finds the keeper fed until that date and may not move it without a confirmation; what may run is reset with the machine.
link lan udp
link com serial 115200
link quorum disk
guard lease
watchdog hardware
takeover 10s
service ip 50 30 10
service db 400 200 20
cib
primitive ip ocf:yoke:ip params ip=192.0.2.100 op monitor interval=10s timeout=20s
primitive db ocf:yoke:pgsql params pgdata=/data op monitor interval=10s timeout=20s
group treasury ip db
end
at 0 boot db1
at 100 boot db2
at 14000 cut quorum from db1
at 14000 cut lan
at 14000 cut com
at 14500 daemon-kill db1
at 14600 daemon-start db1
until 45000
