"""The wire: every packet between two hosts passes through a program of ours."""
