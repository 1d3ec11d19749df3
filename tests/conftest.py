"""What every test may use."""

pytest_plugins = [
    "tests.controlplane.fixtures",
    "tests.node.fixtures",
    "tests.faults.fixtures",
    "tests.seeds",
]
