"""The view of the ledger and the budget."""
