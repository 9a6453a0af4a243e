"""Learning platforms: what they hand us, and what they want back."""
