"""The command `comment`, which posts a report on a pull request."""
