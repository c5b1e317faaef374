"""The ledger: what was sent, where to, and what it cost; and the budget."""
