"""The commands `render`, `environments` and `rbac`, which print what git describes and write no report.

commands  their options
rendered  `render`; one manifest as YAML is in `printed`
listed    `environments`
roles     `rbac`
"""
