"""Tables of the training room."""
