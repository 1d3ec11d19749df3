"""Bad input, row by row: each module holds the rows of one section, each row runs as a process of its own."""
