"""Planning: read a suite, check it, and list its trials, without training or writing."""
