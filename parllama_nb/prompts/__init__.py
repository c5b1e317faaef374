"""What goes into a question: placeholders, variables in words, images."""
