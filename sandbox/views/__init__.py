"""Pages of the simulator's tools, behind one door."""
