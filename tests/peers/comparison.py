"""Tensors and configurations, compared exactly."""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file

# Where a checkpoint's weights can stand, in the order in which transformers looks.
SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"


def bits(tensor: torch.Tensor) -> torch.Tensor:
    """The bytes of a tensor, so that NaN equals NaN and 0 differs from -0."""
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)


def assert_same_tensor(name: str, actual: torch.Tensor, expected: torch.Tensor) -> None:
    assert actual.dtype == expected.dtype, name
    assert actual.shape == expected.shape, name
    assert torch.equal(bits(actual), bits(expected)), f"{name} differs"


def assert_same_tensors(actual: dict, expected: dict) -> None:
    assert sorted(actual) == sorted(expected)
    for name, tensor in expected.items():
        assert_same_tensor(name, actual[name], tensor)


def hf_tensors(folder: Path) -> dict[str, torch.Tensor]:
    """All tensors of a safetensors checkpoint, checked against its index."""
    if (folder / SINGLE).exists():
        assert not (folder / INDEX).exists()
        return load_file(folder / SINGLE)
    index = json.loads((folder / INDEX).read_text())
    found = {}
    for file in sorted(set(index["weight_map"].values())):
        part = load_file(folder / file)
        assert set(part) == {name for name, where in index["weight_map"].items() if where == file}
        found.update(part)
    assert index["metadata"]["total_size"] == sum(t.numel() * t.element_size() for t in found.values())
    return found


def weight_files(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.suffix in (".safetensors", ".bin") and p.name != "reference.safetensors")


def assert_declares_torch(folder: Path) -> None:
    """transformers 4 refuses safetensors files whose metadata has no `format`."""
    for name in weight_files(folder):
        with safe_open(folder / name, framework="pt") as file:
            assert file.metadata().get("format") == "pt", name


def config_fields(folder: Path, without: set[str] = frozenset()) -> dict:
    """AutoConfig as transformers understands it, less what says only which release wrote the file."""
    from transformers import AutoConfig

    fields = AutoConfig.from_pretrained(folder).to_dict()
    # The element type is a torch.dtype or its name, under either key.
    dtype = fields.pop("dtype", None) or fields.pop("torch_dtype", None)
    fields.pop("torch_dtype", None)
    fields["dtype"] = str(dtype).removeprefix("torch.")
    return {k: v for k, v in fields.items() if k not in without | {"transformers_version", "_name_or_path"}}


def assert_same_fields(folder, reference, without: set[str] = frozenset()) -> None:
    """transformers keeps fields that it does not know: those that we write so that every release reads the same."""
    ours, theirs = config_fields(folder, without), config_fields(reference, without)
    if "head_dim" not in theirs and "head_dim" in ours:
        assert ours.pop("head_dim") == ours["hidden_size"] // ours["num_attention_heads"]
    if "rope_theta" in theirs and "rope_parameters" in ours:
        assert ours.pop("rope_parameters") == {**theirs["rope_scaling"], "rope_theta": theirs["rope_theta"]}
    assert ours == theirs
