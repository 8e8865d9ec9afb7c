"""From a suite to trials and packs: nothing is trained or written here."""
