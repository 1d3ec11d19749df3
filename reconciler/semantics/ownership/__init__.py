"""Who owns which field: FieldsV1, server-side apply, managedFields (KEP-555).

steps      path elements in FieldsV1
atoms      the schema as structured-merge-diff reads it
typed      what server-side apply rejects before it merges
fieldset   FieldsV1 as a set, and the fields that a body owns
changes    the fields in which one object changes another
combine    merging and removing
merge      who owns what after an apply or an update
managers   the managedFields entries around it
queries    who owns a field, which fields are ours
noop       whether an apply provably changes nothing
"""
