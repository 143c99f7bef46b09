# The simulated array by itself: reservations asked for by hand while nothing runs. Both register, db2 takes
# db1's key, db1 cannot take its back, nor is a path that returns by another port registered by itself.
link lan udp
array-disk data
array-disk old no-aptpl
until 21500
cib
primitive files ocf:yoke:Dummy op monitor interval=10s
primitive other ocf:yoke:Dummy
primitive power stonith:fence_sim params pcmk_host_list="db1 db2"
end
uses files data
uses other old
service files 100 50 20
at 0 boot db1
at 0 boot db2
at 10000 reserve db1 find files
at 10100 reserve db1 hold files
at 10200 reserve db2 hold files
at 10300 reserve db1 hold other
at 12000 path db2 data 0 down
at 12500 path db2 data 0 bare
at 13000 reserve db2 read files
at 13500 reserve db2 hold files
at 15000 reserve db2 preempt files
at 16000 reserve db1 preempt files
at 17000 array data power
at 18000 reserve db2 read files
at 19000 reserve db1 clear files
at 20000 array data stranger
at 21000 reserve db2 hold files
