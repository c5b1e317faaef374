"""Reads what other programs have written: PAR LLAMA, and `.env` files."""
