"""Draws: the control, its cards and grids, contact sheets, and what a saved notebook still shows."""
