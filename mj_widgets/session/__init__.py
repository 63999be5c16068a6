"""Remembers: the session's folder, the live generations, and where each picture came from."""
