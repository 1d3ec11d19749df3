"""The process: `reconciler`, and `python -m reconciler`."""

import gc
import os
import sys
from typing import NoReturn


def command() -> NoReturn:
    """Run the command line, and end the process with its exit code.

    A run makes many objects and few cycles, so the garbage collector runs less often. The end of the process frees
    the memory, so there is no last collection.
    """
    gc.set_threshold(200_000)
    # Pydantic would search everything that is installed for plugins, which could change what a run does.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from reconciler.cli import main

    code = main()
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    command()
