"""What a Kubernetes API server does with a custom resource, as pure functions.

values       JSON values: equality, copies, Go's formats
violation    a violation that validation reports, in the server's words
schema/      the CRD: types, defaulting, pruning
validation/  OpenAPI, list types, metadata, CEL rules, ratcheting
ownership/   FieldsV1, server-side apply, managedFields, the no-op proof
server/      one request: apply, create, update, merge_patch, update_status, delete
compare      the fields in which two objects differ, for people

A folder imports only folders above it in this list. Nothing here does I/O or knows a kind by name. The engine does not
guess: it reports what it does not model as not provable, and then only a server knows the answer. The tests in
`tests/semantics` send generated requests to this engine and to a real API server and compare every answer.
"""
