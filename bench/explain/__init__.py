"""`bench explain`: a critic's (discriminator's) features before and after single updates of a small game."""
