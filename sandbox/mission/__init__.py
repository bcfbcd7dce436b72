"""Missions: the guide's procedures as exercises; what a world's tables say of each."""
