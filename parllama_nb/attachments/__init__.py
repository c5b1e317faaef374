"""Files, images and addresses, read and checked to be sent with a question."""
