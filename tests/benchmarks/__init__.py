"""Ratios of two things measured in one run. Run all with ``python -m tests.benchmarks``, or one by its name."""
