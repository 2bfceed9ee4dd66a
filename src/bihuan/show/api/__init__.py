"""Open APIs: for programs what the pages are for people."""
