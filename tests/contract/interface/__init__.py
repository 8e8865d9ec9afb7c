"""The interface of games holds without special cases: one toy game per bullet, with numbers by hand."""
