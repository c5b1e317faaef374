"""Answers as DataFrames: many models for one question, one question for every row."""
