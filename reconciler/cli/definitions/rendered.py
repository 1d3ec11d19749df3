"""`render`: prints or writes the manifests that git describes."""

from __future__ import annotations

from pathlib import Path

from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.definitions.printed import SOURCE, printed
from reconciler.cli.delivery.links import refuse_links
from reconciler.cli.delivery.output import Sink, emit, write_file
from reconciler.cli.delivery.redaction import cleaned
from reconciler.cli.execution.streams import write_error
from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.cli.wiring.names import resolve
from reconciler.dependencies import Dependencies, Options
from reconciler.errors import ExitCode, worst
from reconciler.model.finding import errors_in
from reconciler.model.manifest import Manifest
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.verbs import VALIDATE
from reconciler.pipeline import validated
from reconciler.ports import Redactor
from reconciler.reconciliation import Reconciliation
from reconciler.text.foreign import masked_name


def render_environments(inputs: Inputs, names: tuple[str, ...], out: str) -> int:
    """Print or write every manifest; errors go to stderr, with exit code 3.

    An environment that contains a secret in clear text is not printed, since a log may have more readers than git.
    """
    redactor = SecretRedactor()
    deps = build_dependencies(inputs, redactor, reads_cluster=False)
    codes = []
    for name in resolve(deps.repository, names):
        state, code = read_environment(deps, name, redactor)
        codes.append(code)
        if state is None or any(f.code.startswith("SEC") for f in errors_in(state.findings)):
            continue
        if out:
            complete = code is ExitCode.OK  # of what is invalid, objects may be missing
            done = write_files(Path(out) / name, state.manifests, deps.root, complete=complete)
            write_error(masked_name(f"{done}\n"))
        else:
            text = "".join(map(printed, state.manifests))
            emit(text or "# no objects", Sink("yaml"), redactor)
    return worst(codes)


def read_environment(
    deps: Dependencies, name: str, redactor: Redactor
) -> tuple[Reconciliation | None, ExitCode]:
    """One environment, or None if it cannot be read. Its errors go to stderr as `validate` prints them."""
    state = validated(deps, Options(VALIDATE), name)
    if isinstance(state, EnvironmentRun):
        _print_errors(state, deps, redactor)
        return None, state.exit_code
    if state.error:
        failed = EnvironmentRun(name, state.error.exit_code, error=state.error)
        _print_errors(failed, deps, redactor)
        return None, state.error.exit_code
    errors = errors_in(state.findings)
    if errors:
        invalid = EnvironmentRun(
            name, ExitCode.INVALID, findings=errors, objects=len(state.manifests)
        )
        _print_errors(invalid, deps, redactor)
    return state, ExitCode.INVALID if errors else ExitCode.OK


def _print_errors(environment: EnvironmentRun, deps: Dependencies, redactor: Redactor) -> None:
    from reconciler.report import Style
    from reconciler.reports import FORMATS

    run = Run(VALIDATE, deps.version, deps.repository.revision, (environment,))
    write_error(FORMATS["text"].render(cleaned(run, redactor), Style()))


def write_files(
    folder: Path, manifests: tuple[Manifest, ...], repository: Path, *, complete: bool
) -> str:
    """Write `<namespace>/<kind>.<group>/<name>.yaml` for each object.

    Args:
        complete: these are all objects, so that what an earlier run wrote for others is removed.

    Returns:
        What was done: `6 files in out/prod, 1 removed`.
    """
    from reconciler.reports._words import count

    written = set()
    for manifest in manifests:
        ref = manifest.ref
        path = folder / ref.namespace / str(ref.group_kind).lower() / f"{ref.name}.yaml"
        refuse_links(path, repository)
        write_file(path, printed(manifest).removeprefix("---\n"))
        written.add(path)
    present = folder.glob("*/*.*/*.yaml") if complete else ()
    stale = [path for path in present if path not in written and _is_ours(path)]
    for path in stale:
        refuse_links(path, repository)
        path.unlink()
    removed = f", {len(stale)} removed" if stale else ""
    return f"{count(len(written), 'file')} in {folder}{removed}"


def _is_ours(path: Path) -> bool:
    """Whether an earlier run wrote a file."""
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline().startswith(SOURCE)
    except (OSError, UnicodeDecodeError):
        return False
