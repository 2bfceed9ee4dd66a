"""read: documents -> restored text -> statements and commitments -> ledger. The heart needs no database."""
