"""`bench speed`: time and memory of one iteration of each variant on this machine, alone and in packs."""
