"""Run the packs that are planned, and record them."""
