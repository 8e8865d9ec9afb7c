"""The files that `new` writes, under the name `template`; they are read as text and never imported."""
