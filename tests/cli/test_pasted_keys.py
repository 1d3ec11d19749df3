"""A key that somebody pasted where a name, a key or a word belongs: no report says any of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.test_commands import ran
from tests.repository import write

KEY = "sk-proj-Abcd1234Efgh5678Ijkl9012Mnop3456Qrst"
CONFIG = "configVersion: 1\nnamespaces: [llm]\n"
HEAD = "apiVersion: agent.flokoa.ai/v1alpha1\nkind: ModelProvider\n"
GOOD = HEAD + "metadata: {name: a}\nspec: {openai: {}, apiKeySecretRef: {name: a, key: a}}\n"

# Inputs it was pasted: the files of an environment, and the code of what has to be told of it.
PLACES = {
    "twice": ({"a.yaml.j2": GOOD + f"extra: {{{KEY}: 1, {KEY}: 2}}\n"}, "T003"),
    "values-twice": ({"values.yaml": f"{KEY}: 1\n{KEY}: 2\n"}, "T003"),
    "undefined": ({"a.yaml.j2": f"a: {{{{ values['{KEY}'] }}}}\n"}, "J002"),
    "include": ({"a.yaml.j2": f"{{% include '{KEY}' %}}\n"}, "J003"),
    "kind": ({"a.yaml.j2": GOOD.replace("ModelProvider", KEY)}, "M009"),
    "version": ({"a.yaml.j2": GOOD.replace("v1alpha1", KEY)}, "M009"),
    "namespace": ({"a.yaml.j2": GOOD.replace("{name: a}", f"{{name: a, namespace: {KEY}}}", 1)}, "M007"),
    "name": ({"a.yaml.j2": GOOD.replace("{name: a}", f"{{name: {KEY}}}", 1)}, "M005"),
    "label": ({"a.yaml.j2": GOOD.replace("{name: a}", f"{{name: a, labels: {{{KEY}: a b}}}}", 1)}, "K8S005"),
    "field": ({"a.yaml.j2": GOOD.replace("openai: {}", f"openai: {{{KEY}: 1}}")}, "K8S002"),
    "unread": ({"values.yaml": f"model: a\n{KEY}: 1\n", "a.yaml.j2": GOOD + "# {{ values.model }}\n"}, "J014"),
    "config-key": ({"environment.yaml": CONFIG + f"{KEY}: 1\n"}, "E002"),
    "config-code": ({"environment.yaml": CONFIG + f"policy: {{severity: {{{KEY}: 'off'}}}}\n"}, "E002"),
    "config-layer": ({"environment.yaml": CONFIG + f"extends: [{KEY}]\n"}, "E005"),
    "config-pin": ({"environment.yaml": CONFIG + f"crds: {{{KEY}: x.yaml}}\n"}, "E008"),
    "config-template": ({"environment.yaml": CONFIG + f"manifests: [{KEY}.j2]\n"}, "E006"),
}  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {}
    for name, (spoilt, _) in PLACES.items():
        base = {"environment.yaml": CONFIG, "a.yaml.j2": GOOD}
        files |= {f"environments/{name}/{file}": text for file, text in {**base, **spoilt}.items()}
    return write(tmp_path_factory.mktemp("pasted"), files)


def test_no_report_holds_a_piece_of_it(repository: Path, tmp_path: Path) -> None:
    reports = [f"{name}={tmp_path / name}" for name in ("text", "json", "markdown")]
    done = ran("validate", "-C", repository, *(word for r in reports for word in ("-o", r)))
    assert done.code == 2, "the worst of all"
    texts = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    assert set(texts) == {"text", "json", "markdown"}
    for where, text in {**texts, "stderr": done.stderr, "stdout": done.stdout}.items():
        pieces = (KEY[start : start + 8] for start in range(len(KEY) - 8))
        assert not [p for p in pieces if p.lower() in text.lower()], where
    for name, (_, code) in PLACES.items():
        assert f"[{code}]" in texts["text"], name


@pytest.mark.parametrize("part", ["name", "key"])
@pytest.mark.parametrize(
    ("comment", "severity", "codes"),
    [
        ("", "error", ["error[SEC001]"]),
        ("  # reconciler: ignore SEC001 -- a sample", "error", ["error[FL025]"]),
        ("", "warning", ["error[FL025]", "warning[SEC001]"]),
    ],
)
def test_a_key_in_place_of_a_name_is_one_mistake(
    tmp_path: Path, part: str, comment: str, severity: str, codes: list[str]
) -> None:
    """Unless nobody calls it a key, or that fails nothing: no Secret has such a name."""
    pasted = f"{KEY}/1"  # which FL025 finds in a name and in a key
    spec = (
        f"spec: {{openai: {{}}, apiKeySecretRef: {{name: a, key: a, {part}: {pasted}}}}}{comment}"
    )
    once = spec.replace(f"{part}: a, ", "").replace(f", {part}: a", "")
    write(
        tmp_path,
        {
            "environments/prod/environment.yaml": CONFIG
            + f"policy: {{severity: {{SEC001: {severity}}}}}\n",
            "environments/prod/a.yaml.j2": f"{HEAD}metadata: {{name: a}}\n{once}\n",
        },
    )
    done = ran("validate", "-C", tmp_path)
    assert sorted(re.findall(r"(?:error|warning)\[\w+\]", done.stdout)) == codes, done.stdout


@pytest.mark.parametrize("command", ["environments", "render", "diff"])
def test_nor_does_another_command(repository: Path, command: str) -> None:
    done = ran(command, "-C", repository, *PLACES)
    assert done.code == 2
    assert KEY[8:20].lower() not in (done.stdout + done.stderr).lower()


@pytest.mark.parametrize(
    "url",
    ["user:Vq7token@host:a/b.git", "user:Vq7token@host/a/b.git", "https://user:Vq7token@host/a"],
)
def test_a_token_in_a_repository_is_not_repeated(url: str) -> None:
    done = ran("environments", "-C", url)
    assert done.code == 2
    assert "error: --repository: " in done.stderr
    assert "Vq7token" not in done.output
