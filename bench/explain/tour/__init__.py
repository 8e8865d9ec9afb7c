"""`bench tour`: three small games trained at once, and a page that explains them as a first lesson."""
