"""Live pictures and controls: what moves in the notebook while a real kernel and a real wire do."""
