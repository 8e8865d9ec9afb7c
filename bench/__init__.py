"""Plans, trains, measures and stores: the harness itself."""
