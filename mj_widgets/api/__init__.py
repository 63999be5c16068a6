"""Speaks to the service: one method an endpoint, one file that knows its JSON, one that knows its limits."""
