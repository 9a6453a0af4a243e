"""One module a kind of exercise: it builds the questions and judges the answers. Pure, given a `call`."""
