"""Reading JSON logs from where a check stopped, so that each line counts once, whatever rotates them."""
