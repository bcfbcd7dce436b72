"""Every write of the register, the people and the imports."""
