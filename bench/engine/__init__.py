"""Games played: batched training of packs of replicas."""
