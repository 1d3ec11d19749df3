"""The stages that the steps of the pipeline call. They do not import each other, and exchange values of `model`.

Before a request:
load/      files to an environment                overlaps     objects that several environments have
render/    templates to manifests                 uncommitted  files that differ from the commit
validate/  findings on manifests and sources      plain        manifests without an environment
unrendered templates that no environment has

What a cluster has:
observe/   objects, and what an apply would store record       reads and writes the record
consumers  who uses providers and Secrets         resolution   what a reference leads to
secrets    references compared with the record    impact/      who is affected
unchecked  what could not be looked at            snapshot/    live state without a secret, in a folder

What a run decides:
plan/      observations to changes                seal/        what binds a plan to its review
prune/     what git no longer has                 promotion    what an earlier environment has proven
verdict    exit codes                             permissions/ the Roles that a verb needs

What a run writes:
lock       the Lease of an environment            apply        the plan to the cluster
stamp      one annotation for a rotated key       hold         one annotation that leaves an object alone
ready      waits until objects are ready          advance      the next record
acknowledge  closes rotations in the record       advance_history  what happened, in it
"""
