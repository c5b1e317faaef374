"""Where models answer, and the values that go to and fro."""
