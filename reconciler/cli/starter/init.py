"""`init`: writes a new configuration repository, and prints what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reconciler.adapters.sources.git import top_of
from reconciler.cli.delivery.links import refuse_links
from reconciler.cli.execution.streams import write_out
from reconciler.cli.starter.texts import (
    IGNORED,
    UNKNOWN_ACTION,
    UNKNOWN_IMAGE,
    UNKNOWN_PROJECT,
    Choice,
    starter_texts,
    vendors_of,
)
from reconciler.cli.wiring.inputs import Inputs
from reconciler.errors import ExitCode, RepositoryError
from reconciler.model.command import shell
from reconciler.text.foreign import masked_text
from reconciler.text.suggest import one_of


def write_starter(folder: str, choice: Choice) -> int:
    """Write the files and print their paths, and the commands that come next.

    Raises:
        UsageError: an option has an unusable value; nothing was written.
        RepositoryError: one of the files exists, or cannot be written.
    """
    texts = starter_texts(choice.checked())
    root = Path(folder)
    if (root / IGNORED).exists():  # that of a repository which is there already
        texts.pop(IGNORED)
    _refuse_existing(root, tuple(texts))
    for name, text in texts.items():
        _write_new(root / name, text)
    lines = [*map(str, map(root.joinpath, texts)), "", *_left_out(choice)]
    write_out(masked_text("\n".join([*lines, *_next_steps(folder, choice)]) + "\n"))
    return ExitCode.OK


def _refuse_existing(root: Path, names: tuple[str, ...]) -> None:
    for name in names:
        refuse_links(root / name, root)
    if existing := [name for name in names if (root / name).exists()]:
        raise RepositoryError(
            f"exists already, so nothing was written: {one_of(existing)}",
            hint="init only writes new files: name another folder, or move these away",
            where=str(root),
        )


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise RepositoryError(f"cannot be written: {error.strerror}", where=str(path)) from None


def _left_out(choice: Choice) -> Iterator[str]:
    """What a system lacks: each system gets those of the vendors for which it has a template."""
    for system in dict.fromkeys(choice.systems):
        known = vendors_of(system)
        left = [each for each in dict.fromkeys(choice.vendors) if each not in known]
        if left:
            yield f"(nothing of {system} for {', '.join(left)}: it has {', '.join(known)})"


def _next_steps(folder: str, choice: Choice) -> Iterator[str]:
    inputs = Inputs(repository=folder)
    first, *others = dict.fromkeys(choice.environments)
    trial = f"directory:{Path(folder) / '.clusters' / first}"
    here = inputs.invocation()
    yield "Next, without a cluster:"
    yield f"  {here.command('render', first)}"
    yield f"  {here.command('validate')}"
    yield f"  {replace(here, cluster=trial).command('diff', first)}"
    yield ""
    yield "Then commit it, since an API server gets only what is committed:"
    if top_of(Path(folder).resolve()) is None:
        yield f"  {shell('git', 'init', '-b', choice.branch, folder)}"
    yield f"  {shell('git', '-C', folder, 'add', '.')}"
    yield f"  {shell('git', '-C', folder, 'commit', '-m', 'Providers')}"
    yield ""
    yield f"Then, with the context {choice.context or first} of your kubeconfig:"
    yield f"  {here.command('diff', first)}"
    yield f"  {here.command('apply', first)}"
    if not choice.context:
        yield from (f"  (the same for {name}, with the context {name})" for name in others)
        yield f"  (another context: cluster.context in {Path(folder, 'environments', first, 'environment.yaml')})"
    yield from _flows(folder, choice)


def _flows(folder: str, choice: Choice) -> Iterator[str]:
    if choice.forge == "none":
        return
    names = ", ".join(dict.fromkeys(choice.environments))
    first = choice.environments[0]
    here = Inputs(repository=folder).invocation()
    yield ""
    yield f"The flows of {names}:"
    if choice.forge == "github" and not choice.action:
        yield f"  replace {UNKNOWN_ACTION} in {Path(folder, '.github/workflows')} with the action and its commit"
    if choice.forge != "github" and not choice.image:
        yield f"  replace {UNKNOWN_IMAGE} with your image, best with its digest"
    if choice.forge == "tekton":
        yield f"  replace {UNKNOWN_PROJECT} in {Path(folder, 'tekton/triggers')} with the path of your repository"
    yield "  the comment at the top of each file says which credentials it needs; their roles:"
    for flow in ("review", "change", "watch"):
        yield f"  {here.command('rbac', first, '--flow', flow)}"
