"""The command `report`, which renders reports that other jobs saved."""
