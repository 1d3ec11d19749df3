"""Commands that keep an object as it is for a while."""
