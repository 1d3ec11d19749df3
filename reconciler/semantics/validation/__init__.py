"""Validation of one object, finding by finding as the API server reports it.

formats          the `format` keyword and Go's regular expressions
openapi          types, limits, enums, patterns
lists            list types: sets and maps
objectmeta       names, labels, annotations, owner references
owners           the rules of owner references alone
ratcheting       which old value a new one is compared with (KEP-4008)
cel              the door of the CEL engine
rules            the CEL rules of a schema
custom_resource  all of these on one object
"""
