"""What a trained generator makes of latents that are chosen: grids, interpolations, arithmetic."""
