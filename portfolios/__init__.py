"""Who acts for whom: portfolios of clients and the DSN filed for them."""
