"""The parts of a question: filled placeholders, described values, images."""
