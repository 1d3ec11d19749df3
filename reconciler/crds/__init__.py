"""The CRDs of both systems, every era, as data (see README.md); `catalogue.py` reads them."""
