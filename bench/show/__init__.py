"""What a variant or composition is made of, from its declarations and its networks on given data."""
