#!/bin/sh
# What listens on a machine, and what it starts by itself: one line each, in order. Run as root, in the machine.
set -eu
ss -Hltunp | awk '{ sub(/^users:\(\("/, "", $NF); sub(/".*/, "", $NF); print "listens", $1, $5, $NF }' | sort -u
systemctl list-unit-files --state=enabled,enabled-runtime --no-legend --no-pager | awk '{ print "enabled", $1 }' | sort
