"""The rate, and who has seen it: tariff, decisions, campaigns, notifications, receipts, documents."""
