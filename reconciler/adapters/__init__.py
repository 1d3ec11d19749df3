"""Everything outside the program. Each package implements a Protocol of `ports`, and each third-party library has one."""
