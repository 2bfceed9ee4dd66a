"""Sentences -> what is claimed or promised, of what, for when."""
