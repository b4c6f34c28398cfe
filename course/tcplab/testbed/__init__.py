"""Worlds of a known shape, with hosts and wires by name."""

from tcplab.testbed.bed import Testbed as Testbed
