"""Every write of the tariff, the campaigns and the receipts."""
