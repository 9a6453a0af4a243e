"""A class of submissions: graded on this machine or on a cluster, with the pages about all of them."""
