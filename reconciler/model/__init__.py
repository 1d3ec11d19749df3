"""Immutable values, and pure functions of them. Nothing here does I/O.

environment  what environment.yaml configures        run          a run and its report
document     JSON as an immutable value               revision     the git revision that a run read
path         paths to fields                          verbs        what each command of the pipeline does
location     places in source files                   observation  what a run read from a cluster
identity     kinds, objects, endpoints                difference   a field that differs, and its cause
manifest     a rendered object                        change       an object of a plan, and its outcome
finding      what a run says about the sources        readiness    whether a live object works
codes/       the rules behind the codes of findings   secret       Secret references and fingerprints
applyset     the ApplySet of an environment           rotation     Secret references compared with the record
marks        the marks of other tools                 record/      what a run leaves for the next
addresses    objects by what a command line names     rendering    the text of templates, with its origins
combined     several runs as one                      resolution   what Secrets resolve to, and until when
history      what happened to an environment          sealed       a plan file
hold         an object that somebody keeps as it is   shard        a share of the environments
impact       who is affected                          snapshot     live state without secrets
lease        the lock of an environment               stamp        what tells an operator of a rotated key
notify       where news goes                          status       what the record alone says
permission   RBAC                                     trust        settings that an author cannot change
unchecked    what a run did not look at               refused_secrets  those that are never read
command      the commands that a run prints           reasons      of a verdict, which reports repeat
"""
