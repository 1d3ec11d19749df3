"""What a Kubernetes API server does with one custom resource, as pure functions.

values        JSON values: equality, copies, Go's ways of printing
schema        the structural schema of a CRD version, navigable         crd      the CRD around it
defaults      structural defaulting and pruning
atoms         the schema as structured-merge-diff sees it               steps    paths in FieldsV1
typed         what server-side apply refuses before it merges
fieldset      FieldsV1 as a set, and the fields a body owns
changes       what one object changes of another                        combine  merging and removing
merge         who owns what after an apply or an update (KEP-555)       managers managedFields around it
problem       findings in the server's words                            refusals whole refusals
openapi       OpenAPI v3 validation     listtypes   objectmeta   formats         correlate  ratcheting (KEP-4008)
cel           the door of the CEL engine                                rules    the rules of a schema
validate      all of it, on one object
storage       system fields, and whether anything changes
server        one request: apply, create, update, merge_patch, update_status, delete

Beside the engine, what is asked of its values: compare (what differs, for people), ownership (who owns a
field), noop (whether an apply provably changes nothing), secrets (what a reference resolves to).

Nothing here does I/O, knows a kind by name, or guesses: what the engine does not support is "not
provable" (a reason on the answer), and then only the server can tell. `tests/semantics` sends
generated requests to this engine and to a real API server and compares every answer.
"""
