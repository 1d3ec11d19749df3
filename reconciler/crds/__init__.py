"""The CRDs of both systems, every era, as facts (see README.md).

flokoa/, omnia/  the facts, one file for each era
catalogue        finds them by name and date
facts            makes them of a CRD
"""
