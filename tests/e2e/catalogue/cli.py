"""Rows C-60 to C-70: environment files and the command line."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.catalogue.case import BASE, CANARY, CONFIG, VALUES, Case, Elsewhere

_DIFF = ("diff", "prod", "--cluster", "kubernetes")
_KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "SERVER"}}]
users: [{name: u, user: {token: TOKEN}}]
contexts: [{name: here, context: {cluster: c, user: u}}]
current-context: here
""".replace("TOKEN", CANARY)
_SHARED = "configVersion: 1\nnamespaces: [llm]\ncluster: {type: kubernetes, context: shared}\n"


def config(id_: str, text: str, place: str, *says: str, code: int = 2) -> Case:
    """Another environment.yaml of prod."""
    return Case(id_, {CONFIG: text}, code, f"{CONFIG}:{place}" if place else "", says)


def usage(id_: str, *args: str, says: tuple[str, ...] = (), code: int = 2) -> Case:
    return Case(id_, code=code, args=args, says=says, alone=True)


def values(id_: str, text: str, place: str, *says: str, code: int = 2) -> Case:
    return Case(id_, {VALUES: text}, code, f"{VALUES}:{place}" if place else "", says)


def kubeconfig(id_: str, text: str, *says: str, code: int = 2) -> Case:
    args = (*_DIFF, "--kubeconfig", "{root}/kubeconfig", "--timeout", "2")
    files = {"kubeconfig": text}
    return Case(id_, files, code, args=args, says=says, alone=True, prepare=_private)


def _private(root: Path) -> None:
    (root / "kubeconfig").chmod(0o600)


def _readable(root: Path) -> None:
    (root / "kubeconfig").chmod(0o644)


def _linked(root: Path) -> None:
    (root / "environments/prod").rename(root / "elsewhere")
    (root / "environments/prod").symlink_to(root / "elsewhere")


CASES: tuple[Case | Elsewhere, ...] = (
    usage("C-60 unknown", "validate", "prd", says=("prd", "did you mean prod?")),
    usage("C-60 file", "validate", "base/x", code=9, says=("base/x", "no such file")),
    Case(
        "C-60 folder",
        code=2,
        alone=True,
        args=("validate", "-C", "{root}/templates"),
        says=("no environment here",),
    ),
    Case(
        "C-60 twice",
        {
            "environments/prod/environment.yaml": _SHARED + "manifests: [templates/*.yaml.j2]\n",
            "environments/twin/environment.yaml": _SHARED + "manifests: [templates/good.yaml.j2]\n",
        },
        place="templates/good.yaml.j2:3:",
        says=("error[REF003]", "also an object of twin"),
    ),
    config("C-61 key", BASE[CONFIG] + "namspaces: [x]\n", "4:1", "[E002]", "did you mean"),
    config("C-61 type", BASE[CONFIG].replace("[llm]", "llm"), "2:13", "[E003]", "list"),
    config("C-61 version", BASE[CONFIG].replace(": 1", ": 2"), "1:16", "[E007]"),
    config("C-61 missing", "configVersion: 1\n", "1:1", "[E004]", "namespaces"),
    config("C-61 YAML", BASE[CONFIG] + f"home: '{CANARY}\n", "4:7", "[T001]"),
    config("C-61 list", "- a\n", "1:1", "[E001]"),
    config("C-61 tag", "!!python/object/apply:os.system ['touch pwned']\n", "1:1", "[T004]"),
    config("C-61 empty", "", "1:1", "[E001]"),
    usage("C-62 above", "validate", "../prod", code=9, says=("../prod",)),
    usage("C-62 diff above", "diff", "../prod", says=("no environment",)),
    usage("C-62 absolute", "diff", "/etc", says=("no environment",)),
    Case(
        "C-62 link",
        {},
        9,
        args=("diff", "prod"),
        prepare=_linked,
        alone=True,
        says=("environments/prod", "symbolic link"),
    ),
    config("C-62 manifests", BASE[CONFIG].replace("templates/*", "../*"), "3:13", "[E006]"),
    config(
        "C-62 cluster", BASE[CONFIG] + "cluster: {type: directory, path: ../../x}\n", "4:", "E003"
    ),
    config("C-63 layer", BASE[CONFIG] + "extends: [bsae]\n", "4:11", "[E005]", "bsae"),
    values("C-63 list", "- a\n", "1:1", "[E005]", "mapping"),
    values("C-63 scalar", "a\n", "1:1", "[E005]", "mapping"),
    values("C-63 duplicate", "a: 1\na: 2\n", "2:1", "[T003]"),
    values(
        "C-63 bytes", "a: \udcff\n".encode(errors="surrogateescape").decode("latin-1"), "", code=0
    ),
    values("C-63 secret", f"key: {CANARY}\n", "1", "[SEC001]", code=3),
    usage("C-64 missing", *_DIFF, "--kubeconfig", "{root}/nowhere", says=("nowhere",)),
    kubeconfig("C-64 no YAML", f"clusters: [{CANARY}", "kubeconfig"),
    kubeconfig("C-64 no user", _KUBECONFIG.replace("user: u}", "user: x}"), "kubeconfig"),
    kubeconfig(
        "C-64 context", _KUBECONFIG.replace("current-context: here", "current-context: x"), "x"
    ),
    kubeconfig("C-64 http", _KUBECONFIG.replace("SERVER", "http://192.0.2.1"), "http", code=2),
    kubeconfig(
        "C-64 nobody there",
        _KUBECONFIG.replace("SERVER", "https://127.0.0.1:1"),
        "127.0.0.1:1",
        code=5,
    ),
    Case(
        "C-64 world-readable",
        {"kubeconfig": _KUBECONFIG.replace("SERVER", "https://127.0.0.1:1")},
        5,
        args=(*_DIFF, "--kubeconfig", "{root}/kubeconfig", "--timeout", "2"),
        prepare=_readable,
        alone=True,
        says=("127.0.0.1:1",),
    ),
    # exec plugins and insecure-skip-tls-verify: DESIGN lets a user's own kubeconfig name both, as kubectl does.
    Elsewhere(
        "C-64 exec", "held in tests/adapters/kubernetes: a user's own kubeconfig may name a plugin"
    ),
    usage("C-65 unknown", "validate", "--prune", says=("--prune",)),
    usage("C-65 twice", "validate", "spare", "spare", code=3),
    usage("C-65 empty", "validate", "", says=("no environment",)),
    usage("C-65 long", "validate", "x" * 100_000, says=("no environment",)),
    usage("C-65 mixed", "validate", "prod", "templates/", says=("one after the other",)),
    usage("C-65 template", "validate", "templates/good.yaml.j2", says=("template", "ENVIRONMENT")),
    *(
        usage(f"C-66 {text}", "diff", "prod", f"--timeout={text}", says=("--timeout",))
        for text in ("0", "-1", "1e9", "NaN", "10s5")
    ),
    usage("C-67 folder", "diff", "prod", "-o", "json={root}", says=("is a folder",)),
    usage("C-67 parent", "diff", "prod", "-o", "json={root}/nowhere/x.json", says=("nowhere",)),
    usage("C-67 full", "validate", "spare", "-o", "json=/dev/full", code=9, says=("/dev/full",)),
    usage("C-67 format", "diff", "prod", "-o", "jsn", says=("did you mean json?",)),
    usage("C-68", "diff", "prod", f"--token={CANARY}", says=("--token",)),
    usage("C-68 apart", "diff", "prod", "--api-key", CANARY, says=("--api-key",)),
    Case("C-69 C", code=0, env={"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"}),
    Case("C-69 no home", code=0, env={"HOME": "/nonexistent", "TZ": ""}),
    Elsewhere(
        "C-69 closed stdout", "held in test_a_closed_stdout_is_no_error, which has its own pipe"
    ),
    Case(
        "C-70 hostile",
        code=0,
        env={
            "GIT_DIR": "/nonexistent",
            "GIT_SSH_COMMAND": "touch pwned",
            "GIT_CONFIG_GLOBAL": "/nonexistent",
            "HTTPS_PROXY": "http://127.0.0.1:1",
            "SSL_CERT_FILE": "/nonexistent",
        },
    ),
    Elsewhere("C-70 PYTHONPATH", "does not apply: who sets it chooses the program, as with PATH"),
)
