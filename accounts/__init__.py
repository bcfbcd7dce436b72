"""Who is who, and registered where: the register, the people, the journal."""
