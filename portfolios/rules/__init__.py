"""What a deposited file says, and how long it opens a client's account, as pure functions."""
