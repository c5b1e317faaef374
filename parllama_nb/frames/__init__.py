"""Answers as data: the same question to many models, one question for every row."""
