"""The steps of the pipeline. Each passes parts of the state to a stage and returns the state with the result added.

`conditions` says when a step runs, and `sources` needs no cluster. `pipeline.py` loads the others only for a verb that
reads one:

cluster    the CRDs, the objects                  impact     who is affected
secrets    references, fingerprints, stamps       pruning    what git no longer has
review     the plan that was reviewed             promotion  what an earlier environment has proven
locking    the lock of an environment             readiness  waits until objects are ready
record     read before, written after              neighbours objects of other environments
"""
