"""The commands `render` and `environments`, which print what git describes and write no report."""
