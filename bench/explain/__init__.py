"""What the discriminator sees: a small game watched around single updates."""
