"""Many at once: a template and its axes, what every cell of it asks for, and what it will cost."""
