#!/bin/sh
# The guest's first process: load what reaches the machine's files, lay a tmpfs over them, go on there (root.sh).
export PATH=/bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
while read -r module; do insmod "$module"; done < /order

mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro machine /below
mount -t tmpfs -o size=75% tmpfs /above
mkdir /above/upper /above/work
mount -t overlay -o lowerdir=/below,upperdir=/above/upper,workdir=/above/work overlay /new

for each in dev proc sys; do mount --move /$each /new/$each; done
mount -t tmpfs tmpfs /new/run
mkdir /new/run/bin /new/run/out
cp /bin/busybox /new/run/bin/busybox
ln -s busybox /new/run/bin/modprobe
cp /root.sh /new/run/root.sh
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none out /new/run/out
exec switch_root /new /run/bin/busybox sh /run/root.sh
