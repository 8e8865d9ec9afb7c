"""Images of a user through a trained model: another domain, super-resolved, in-painted, or classified."""
