"""Which known mistake explains all the evidence."""
