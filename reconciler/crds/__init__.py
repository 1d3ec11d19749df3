"""The CRDs of both systems, every era, as facts (see README.md). `catalogue.py` reads them, `facts.py` creates them."""
