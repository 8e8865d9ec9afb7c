"""Where real batches come from, and what is known of the truth."""
