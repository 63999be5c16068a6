"""What a prompt says, and what it costs. Pure functions: nothing here reads a file or a socket."""
