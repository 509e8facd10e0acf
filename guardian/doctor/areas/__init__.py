"""One file an area; its name is its id."""
