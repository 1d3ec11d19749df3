"""Rows C-60 to C-70: environment files and the command line."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.catalogue.case import (
    BAD,
    CANARY,
    CONFIG,
    ENVIRONMENT,
    FLOKOA,
    VALUES,
    Case,
    Elsewhere,
    at,
)

_DIFF = ("diff", "prod", "--cluster", "kubernetes")
_KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "SERVER"}}]
users: [{name: u, user: {token: TOKEN}}]
contexts: [{name: here, context: {cluster: c, user: u}}]
current-context: here
""".replace("TOKEN", CANARY)
_NOBODY = "https://127.0.0.1:1"
_UNVERIFIED = _KUBECONFIG.replace('"SERVER"', f'"{_NOBODY}", insecure-skip-tls-verify: true')
_SHARED = "configVersion: 1\nnamespaces: [llm]\ncluster: {type: kubernetes, context: shared}\n"
_LONGEST = "x" * (128 * 1024 - 1)  # the kernel gives no argument more than 128 KiB, with its end
# Told without being an error, so that a run that judged nothing shows.
_FRAGMENT = FLOKOA.replace("{}", "{baseURL: 'https://b\u00fccher.example.com/v1#x'}")


def config(id_: str, text: str, place: str, code: str, *says: str, own: bool = False) -> Case:
    """Another environment.yaml of prod."""
    finding = f"error[{code}]"
    return Case(id_, {CONFIG: text}, 2, finding, at(CONFIG, place), says, own=own)


def more_config(id_: str, line: str, place: str, code: str, *says: str) -> Case:
    """One more line in the environment.yaml of prod."""
    return config(id_, f"{ENVIRONMENT[CONFIG]}{line}\n", place, code, *says)


def values(id_: str, text: str | bytes, place: str, code: str, *says: str) -> Case:
    return Case(id_, {VALUES: text}, 2, f"error[{code}]", at(VALUES, place), says)


def usage(id_: str, *args: str, says: tuple[str, ...], code: int = 2) -> Case:
    return Case(id_, code=code, args=args, printed=says)


def kubeconfig(id_: str, text: str, *says: str, code: int = 2, more: tuple[str, ...] = ()) -> Case:
    args = (*_DIFF, "--kubeconfig", "{root}/kubeconfig", "--timeout", "2", *more)
    files = {"kubeconfig": text}
    return Case(id_, files, code, args=args, printed=says, prepare=_private)


def surroundings(id_: str, **env: str) -> Case:
    """Variables that change nothing: the same is found as without them."""
    place = at(BAD, "6:12")
    return Case(
        id_, {BAD: _FRAGMENT}, 0, "warning[FL024]", place, objects=2, printed=(place,), env=env
    )


def _private(root: Path) -> None:
    (root / "kubeconfig").chmod(0o600)


def _readable(root: Path) -> None:
    (root / "kubeconfig").chmod(0o644)


def _linked(root: Path) -> None:
    (root / "environments/prod").rename(root / "elsewhere")
    (root / "environments/prod").symlink_to(root / "elsewhere")


CASES: tuple[Case | Elsewhere, ...] = (
    usage(
        "C-60 unknown",
        "validate",
        "prd",
        says=("there is no environment `prd`", "did you mean prod?"),
    ),
    usage(
        "C-60 file", "validate", "base/x", code=9, says=("base/x: there is no such file or folder",)
    ),
    usage(
        "C-60 folder",
        "validate",
        "-C",
        "{root}/templates",
        says=("this repository has no environment", "environments/<name>/"),
    ),
    usage(
        "C-60 nowhere", "diff", "-C", "{root}/nowhere", code=9, says=("nowhere is not a folder",)
    ),
    usage("C-60 none", "apply", says=("apply writes: name the environments, or use --all",)),
    Case(
        "C-60 twice",
        {
            CONFIG: _SHARED + "manifests: [templates/*.yaml.j2]\n",
            "environments/twin/environment.yaml": _SHARED + "manifests: [templates/good.yaml.j2]\n",
        },
        finding="error[REF003]",
        place="templates/good.yaml.j2:3:12",
        says=("prod and twin write the same object",),
    ),
    config(
        "C-61 key",
        ENVIRONMENT[CONFIG] + "namspaces: [x]\n",
        "4:1",
        "E002",
        "`namspaces`",
        "did you mean namespaces?",
        own=True,
    ),
    config(
        "C-61 type",
        ENVIRONMENT[CONFIG].replace("[llm]", "llm"),
        "2:13",
        "E003",
        "`namespaces` must be a list",
    ),
    config("C-61 version", ENVIRONMENT[CONFIG].replace(": 1", ": 2"), "1:16", "E007"),
    config("C-61 missing", "configVersion: 1\n", "1:1", "E004", "`namespaces` is missing"),
    more_config("C-61 YAML", f"home: '{CANARY}", "4:7", "T001"),
    config("C-61 list", "- a\n", "1:1", "E001"),
    config("C-61 tag", "!!python/object/apply:os.system ['touch pwned']\n", "1:1", "T004"),
    config("C-61 empty", "", "1:1", "E001"),
    usage(
        "C-62 above",
        "validate",
        "../prod",
        code=9,
        says=("../prod: there is no such file or folder",),
    ),
    usage("C-62 diff above", "diff", "../prod", says=("there is no environment `../prod`",)),
    usage("C-62 absolute", "diff", "/etc", says=("there is no environment `/etc`",)),
    Case(
        "C-62 link",
        {},
        9,
        args=("diff", "prod"),
        prepare=_linked,
        printed=("environments/prod is a symbolic link",),
    ),
    config(
        "C-62 manifests",
        ENVIRONMENT[CONFIG].replace("templates/*", "../*"),
        "3:13",
        "E006",
        "inside the repository",
    ),
    more_config(
        "C-62 cluster",
        "cluster: {type: directory, path: ../../x}",
        "4:34",
        "E003",
        "`cluster.path`",
    ),
    more_config("C-63 layer", "extends: [bsae]", "4:11", "E005", "`bsae`"),
    values("C-63 list", "- a\n", "1:1", "E005", "mapping"),
    values("C-63 scalar", "a\n", "1:1", "E005", "mapping"),
    values("C-63 duplicate", "a: 1\na: 2\n", "2:1", "T003", "line 1"),
    values("C-63 bytes", b"a: \xff\n", "1", "T002", "is not UTF-8"),
    Case("C-63 secret", {VALUES: f"key: {CANARY}\n"}, 3, "error[SEC001]", at(VALUES, "1")),
    usage(
        "C-64 missing",
        *_DIFF,
        "--kubeconfig",
        "{root}/nowhere",
        says=("nowhere does not exist",),
    ),
    kubeconfig(
        "C-64 no YAML", f"clusters: [{CANARY}", "kubeconfig:1: not a kubeconfig that can be read"
    ),
    kubeconfig(
        "C-64 no user",
        _KUBECONFIG.replace("user: u}", "user: x}"),
        "the context names the user x, which it does not define",
    ),
    kubeconfig(
        "C-64 other context",
        _KUBECONFIG.replace("SERVER", _NOBODY),
        "has no context hre",
        "did you mean here?",
        more=("--context", "hre"),
    ),
    kubeconfig(
        "C-64 context",
        _KUBECONFIG.replace("t-context: here", "t-context: hre"),
        "has no context hre",
        "did you mean here?",
    ),
    kubeconfig(
        "C-64 http",
        _KUBECONFIG.replace("SERVER", "http://192.0.2.1"),
        "192.0.2.1 is addressed over plain http",
    ),
    kubeconfig(
        "C-64 nobody there",
        _KUBECONFIG.replace("SERVER", _NOBODY),
        "no connection to the API server",
        _NOBODY,
        code=5,
    ),
    Case(
        "C-64 world-readable",
        {"kubeconfig": _KUBECONFIG.replace("SERVER", _NOBODY)},
        5,
        args=(*_DIFF, "--kubeconfig", "{root}/kubeconfig", "--timeout", "2"),
        prepare=_readable,
        printed=("no connection to the API server", _NOBODY, "warning: ", "can be read by others"),
    ),
    # Whoever wrote the kubeconfig cannot turn the verification off: whoever runs the command can.
    kubeconfig(
        "C-64 insecure",
        _UNVERIFIED,
        "turns off the verification of 127.0.0.1's certificate",
        "--insecure-skip-tls-verify",
    ),
    kubeconfig(
        "C-64 insecure by flag",
        _UNVERIFIED,
        "no connection to the API server",
        _NOBODY,
        "certificate is not verified",
        code=5,
        more=("--insecure-skip-tls-verify",),
    ),
    # DESIGN lets a user's own kubeconfig name a plugin, as kubectl does.
    Elsewhere(
        "C-64 exec", "held in tests/adapters/kubernetes: a user's own kubeconfig may name a plugin"
    ),
    usage("C-65 unknown", "validate", "--prune", says=("No such option", "--prune")),
    Case(
        "C-65 twice",
        {BAD: _FRAGMENT},
        0,
        "warning[FL024]",
        at(BAD, "6:12"),
        objects=2,  # of the one environment that is meant
        args=("validate", "prod", "prod", "-o", "json={report}"),
    ),
    usage("C-65 empty", "validate", "", says=("there is no environment ``",)),
    usage("C-65 long", "validate", _LONGEST, says=("is too long for the name of an environment",)),
    usage(
        "C-65 1 MiB",
        "validate",
        *[_LONGEST] * 8,
        says=("is too long for the name of an environment",),
    ),
    usage("C-65 mixed", "validate", "prod", "templates/", says=("validate them separately",)),
    usage(
        "C-65 template",
        "validate",
        "templates/good.yaml.j2",
        says=("templates/good.yaml.j2 is a template", "validate ENVIRONMENT"),
    ),
    *(
        usage(
            f"C-66 {text}",
            "diff",
            "prod",
            f"--timeout={text}",
            says=("Invalid value for '--timeout'",),
        )
        for text in ("0", "-1", "1e9", "NaN", "10s5")
    ),
    usage("C-67 folder", "diff", "prod", "-o", "json={root}", says=("config is a folder",)),
    usage(
        "C-67 parent",
        "diff",
        "prod",
        "-o",
        "json={root}/nowhere/x.json",
        says=("nowhere does not exist",),
    ),
    usage(
        "C-67 full",
        "validate",
        "spare",
        "-o",
        "json=/dev/full",
        code=9,
        says=("/dev/full: cannot be written",),
    ),
    usage("C-67 format", "diff", "prod", "-o", "jsn", says=("did you mean json?",)),
    usage("C-68", "diff", "prod", f"--token={CANARY}", says=("No such option", "--token")),
    usage("C-68 apart", "diff", "prod", "--api-key", CANARY, says=("No such option", "--api-key")),
    surroundings("C-69 C", LC_ALL="C", LANG="C", PYTHONUTF8="0"),
    surroundings("C-69 no home", HOME="/nonexistent", TZ=""),
    Elsewhere(
        "C-69 closed stdout", "held in test_a_closed_stdout_is_no_error, which has its own pipe"
    ),
    Elsewhere(
        "C-69 umask", "held in test_a_report_is_a_file_as_the_umask_says, which has its own umask"
    ),
    surroundings(
        "C-70 hostile",
        GIT_DIR="/nonexistent",
        GIT_SSH_COMMAND="touch pwned",
        GIT_CONFIG_GLOBAL="/nonexistent",
        HTTPS_PROXY="http://127.0.0.1:1",
        SSL_CERT_FILE="/nonexistent",
    ),
    Elsewhere("C-70 PYTHONPATH", "does not apply: who sets it chooses the program, as with PATH"),
)
