"""The generation in a stack file: one number changes, everything else stays as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ops.generation import Bumped, GenerationError, bump_generation

HEAD = "# of the team\nconfig:\n  inference-edge:models:   # all of them\n"


def bump(tmp_path: Path, models: str, model: str = "digits") -> tuple[Bumped, str]:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(HEAD + models)
    bumped = bump_generation(path, "inference-edge", model)
    text = path.read_text()
    assert text.startswith(HEAD)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    return bumped, text.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (
            "    - name: digits  # ours\n      cache:\n        generation: 7 # why\n        ttlSeconds: 5\n",
            "    - name: digits  # ours\n      cache:\n        generation: 8 # why\n        ttlSeconds: 5\n",
        ),
        (
            "    - name: digits\n      cache: {shareable: true, generation: 1}\n",
            "    - name: digits\n      cache: {shareable: true, generation: 2}\n",
        ),
        (
            "    - name: digits\n      cache: {shareable: true}\n",
            "    - name: digits\n      cache: {generation: 2, shareable: true}\n",
        ),
        (
            "    - name: digits\n      cache:\n        # seconds\n        ttlSeconds: 5\n      version: '1'\n",
            "    - name: digits\n      cache:\n        # seconds\n        generation: 2\n        ttlSeconds: 5\n"
            "      version: '1'\n",
        ),
        (
            "    - name: digits\n      cache:\n      version: '1'\n",
            "    - name: digits\n      cache: {generation: 2}\n      version: '1'\n",
        ),
        (
            "    - name: digits\n      cache: {}\n      version: '1'\n",
            "    - name: digits\n      cache: {generation: 2}\n      version: '1'\n",
        ),
        (
            '  - name: digits\n    version: "1"\n    endpoint: http://m:1/x  # the last\n\n# end',
            '  - name: digits\n    version: "1"\n    cache: {generation: 2}\n'
            "    endpoint: http://m:1/x  # the last\n\n# end",
        ),
        (
            '    [{name: "digits", version: "1"}, {name: other, cache: {generation: 5}}]\n',
            '    [{name: "digits", cache: {generation: 2}, version: "1"}, {name: other, cache: {generation: 5}}]\n',
        ),
        (
            "    - name: other\n      version: é\n    - name: digits\n      version: '1'\n",
            "    - name: other\n      version: é\n"
            "    - name: digits\n      cache: {generation: 2}\n      version: '1'\n",
        ),
    ],
)
def test_one_number_changes(tmp_path: Path, models: str, expected: str) -> None:
    bumped, text = bump(tmp_path, models)
    assert text == expected
    assert bumped.after == bumped.before + 1
    found = yaml.safe_load(HEAD + text)["config"]["inference-edge:models"]
    assert [each["cache"]["generation"] for each in found if each["name"] == "digits"] == [bumped.after]


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (
            "    - {name: words}\n    - {name: pixels}\n",
            "Pulumi.dev.yaml: inference-edge:models has no model digits; it has words, pixels",
        ),
        ("", "Pulumi.dev.yaml: inference-edge:models has no model digits; it has none"),
        (
            "    - name: words\n      cache: &cache {ttlSeconds: 5}\n    - name: digits\n      cache: *cache\n",
            "inference-edge:models[1].cache is a YAML alias: write its generation 2 by hand",
        ),
        (
            "    - name: digits\n      cache: &cache {ttlSeconds: 5}\n    - name: words\n      cache: *cache\n",
            "Pulumi.dev.yaml cannot be edited here: add 1 to the model's cache.generation by hand",
        ),
    ],
    ids=["unknown", "none", "alias", "anchor"],
)
def test_what_cannot_be_edited_is_left_alone(tmp_path: Path, models: str, message: str) -> None:
    with pytest.raises(GenerationError) as error:
        bump(tmp_path, models)
    assert str(error.value) == message
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == HEAD + models
    assert len(list(tmp_path.iterdir())) == 1


def test_a_stack_without_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match=r"^Pulumi.dev.yaml does not exist$"):
        bump_generation(tmp_path / "Pulumi.dev.yaml", "inference-edge", "digits")


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_bytes((HEAD + "    - name: digits\n      version: '1'\n").replace("\n", "\r\n").encode())
    bump_generation(path, "inference-edge", "digits")
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n")
    assert b"cache: {generation: 2}" in path.read_bytes()
