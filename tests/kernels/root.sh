#!/bin/sh
# On the machine's files: what a started Linux has, then the script that the host wrote, then off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/bin
box=/run/bin/busybox
$box mkdir -p /dev/pts /dev/shm
$box mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
$box mount -t tmpfs -o mode=1777 tmpfs /dev/shm
$box mount -t cgroup2 cgroup2 /sys/fs/cgroup
[ -e /dev/fd ] || $box ln -s /proc/self/fd /dev/fd
$box ip link set lo up

# Modules are this kernel's; the kernel itself asks for them (veth, nf_tables, tcp_diag …) when a lab does.
. /run/out/where.sh
$box mkdir -p /lib/modules
$box mount -t tmpfs tmpfs /lib/modules
$box ln -s "$modules" "/lib/modules/$($box uname -r)"
echo /run/bin/modprobe > /proc/sys/kernel/modprobe

$box touch /run/out/up
$box sh /run/out/begin.sh < /dev/null > /run/out/said 2>&1
echo $? > /run/out/exit
$box sync
echo o > /proc/sysrq-trigger
while :; do $box sleep 1; done
