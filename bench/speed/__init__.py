"""`bench speed`: what an iteration of a variant costs here, alone and in packs, measured in turns."""
