"""Where submissions are graded: `local` spreads them over this machine's cores."""
