"""Every write of the training room."""
