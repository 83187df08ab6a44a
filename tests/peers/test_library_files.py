"""Files that torch, safetensors and transformers write are read."""

import argparse
import collections
import json
import pathlib
import shutil

import pytest
import torch
import transformers
from comparison import assert_same_tensors, config_fields, hf_tensors
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

MAJOR = int(transformers.__version__.split(".")[0])
TO_MEGATRON = ["--to", "megatron", "--tp", "2", "--pp", "2"]

DTYPES = {
    torch.bool: "bool",
    torch.uint8: "u8",
    torch.int8: "i8",
    torch.int16: "i16",
    torch.int32: "i32",
    torch.int64: "i64",
    torch.float16: "fp16",
    torch.bfloat16: "bf16",
    torch.float32: "fp32",
    torch.float64: "fp64",
    torch.float8_e4m3fn: "f8e4m3",
    torch.float8_e5m2: "f8e5m2",
}


def expected_tensors(tensors: dict) -> dict:
    return {
        name: {"dtype": DTYPES[t.dtype], "shape": list(t.shape), "nbytes": t.numel() * t.element_size()}
        for name, t in tensors.items()
    }


def inspected_tensors(recast, path) -> dict:
    report = json.loads(recast("inspect", path, "--json").stdout)
    return {t["name"]: {key: t[key] for key in ("dtype", "shape", "nbytes")} for t in report["tensors"]}


def assert_survives_megatron(recast, source, expected: dict, tmp_path):
    recast("convert", source, tmp_path / "megatron", *TO_MEGATRON)
    recast("convert", tmp_path / "megatron", tmp_path / "hf", "--to", "huggingface")
    assert_same_tensors(hf_tensors(tmp_path / "hf"), expected)
    assert config_fields(tmp_path / "hf") == config_fields(source)


@pytest.mark.parametrize("size", ["5GB", "90KB", "20KB", "5KB"])
def test_save_pretrained_in_safetensors(size, model_folder, recast, tmp_path):
    model = AutoModelForCausalLM.from_pretrained(model_folder, dtype="auto")
    model.save_pretrained(tmp_path / "source", max_shard_size=size)
    assert_survives_megatron(recast, tmp_path / "source", hf_tensors(model_folder), tmp_path)


@pytest.mark.skipif(MAJOR >= 5, reason="transformers 5 writes safetensors only")
@pytest.mark.parametrize("size", ["5GB", "40KB"])
def test_save_pretrained_in_torch_files(size, model_folder, recast, tmp_path):
    model = AutoModelForCausalLM.from_pretrained(model_folder, dtype="auto")
    model.save_pretrained(tmp_path / "source", max_shard_size=size, safe_serialization=False)
    assert_survives_megatron(recast, tmp_path / "source", hf_tensors(model_folder), tmp_path)


def test_torch_save_of_a_state_dict(model_folder, recast, tmp_path):
    """A tied head is in it twice, over one storage."""
    model = AutoModelForCausalLM.from_pretrained(model_folder, dtype="auto")
    source = tmp_path / "source"
    source.mkdir()
    model.config.save_pretrained(source)
    torch.save(model.state_dict(), source / "pytorch_model.bin")
    assert_survives_megatron(recast, source, hf_tensors(model_folder), tmp_path)


def test_torch_save_of_views(model_folder, recast, tmp_path):
    """Transposed strides, and all tensors cut from one storage, as a distributed optimizer leaves them."""
    tensors = hf_tensors(model_folder)
    dtype = next(iter(tensors.values())).dtype
    storage = torch.zeros(sum(t.numel() for t in tensors.values()) + 7, dtype=dtype)
    views, at = {}, 5
    for name, tensor in tensors.items():
        view = storage[at : at + tensor.numel()]
        at += tensor.numel()
        view = view.view(tensor.shape[::-1]).T if tensor.dim() == 2 else view.view(tensor.shape)
        view.copy_(tensor)
        views[name] = view
    source = tmp_path / "source"
    source.mkdir()
    shutil.copy(model_folder / "config.json", source)
    torch.save(views, source / "pytorch_model.bin")
    assert_survives_megatron(recast, source, tensors, tmp_path)


def test_inspect_names_what_save_file_wrote(recast, tmp_path):
    tensors = {f"t.{name}": torch.zeros((3, index), dtype=dtype) for index, (dtype, name) in enumerate(DTYPES.items())}
    tensors["scalar"] = torch.zeros((), dtype=torch.float32)
    save_file(tensors, tmp_path / "a.safetensors", metadata={"format": "pt", "note": "ü \"quoted\""})
    assert inspected_tensors(recast, tmp_path / "a.safetensors") == expected_tensors(tensors)
    report = json.loads(recast("inspect", tmp_path / "a.safetensors", "--json").stdout)
    assert report["container"] == "safetensors"
    assert report["document"] == {"format": "pt", "note": "ü \"quoted\""}


class Stranger:
    """A class that no reader knows."""

    def __init__(self):
        self.secret = 7


def test_inspect_names_what_torch_save_wrote(recast, tmp_path):
    plain = {f"t_{name}": torch.zeros((2, 3), dtype=dtype) for dtype, name in DTYPES.items()}
    document = {
        **plain,
        "parameter": torch.nn.Parameter(torch.zeros(4, 5)),
        "transposed": torch.zeros(4, 5).T,
        "nested": collections.OrderedDict(inner={"deep": torch.zeros(1)}),
        "listed": [torch.zeros(2), torch.zeros(3)],
        "args": argparse.Namespace(layers=2, name="x", dtype=torch.bfloat16, where=pathlib.PosixPath("/tmp/x")),
        "stranger": Stranger(),
    }
    torch.save(document, tmp_path / "a.pt")
    expected = {
        **plain,
        "parameter": document["parameter"],
        "transposed": document["transposed"],
        "nested/inner/deep": torch.zeros(1),
        "listed/0": torch.zeros(2),
        "listed/1": torch.zeros(3),
    }
    assert inspected_tensors(recast, tmp_path / "a.pt") == expected_tensors(expected)
    report = json.loads(recast("inspect", tmp_path / "a.pt", "--json").stdout)
    assert "stranger" in {entry["at"] for entry in report["opaque"]}
    assert any("Stranger" in entry["what"] for entry in report["opaque"])
    text = recast("inspect", tmp_path / "a.pt").stdout
    assert "Stranger" in text and "nested/inner/deep" in text


def test_inspect_needs_no_framework_around_a_file(model_folder, recast):
    for file in sorted(model_folder.glob("*.safetensors")):
        assert inspected_tensors(recast, file) == expected_tensors(load_file(file))
