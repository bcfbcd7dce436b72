"""Who may do what: the catalogue of declarations, what an establishment has, who was granted what."""
