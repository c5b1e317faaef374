"""The built front end, in a real browser, on a page that speaks the protocol."""
