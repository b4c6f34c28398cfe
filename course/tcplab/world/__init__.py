"""Worlds: hosts in namespaces of their own, made in milliseconds, gone with their owner."""
