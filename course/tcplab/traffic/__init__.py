"""What opens and closes connections: nginx, curl, a session as with telnet."""
