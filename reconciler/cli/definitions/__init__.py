"""The commands `render`, `environments` and `rbac`, which print what git describes and write no report."""
