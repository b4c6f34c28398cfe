"""Only looks: the socket table, the counters, captures. Nothing here opens or closes a connection."""
