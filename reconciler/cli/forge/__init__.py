"""Comment: a report on a pull request."""
