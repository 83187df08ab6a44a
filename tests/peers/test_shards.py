"""Shards are cut as the libraries cut them."""

import json

import pytest
import transformers
from comparison import INDEX, SINGLE, assert_same_tensors, hf_tensors, weight_files
from huggingface_hub import split_torch_state_dict_into_shards
from transformers import AutoModelForCausalLM

MAJOR = int(transformers.__version__.split(".")[0])
# Between "each tensor alone", "some larger than a shard" and "all in one file".
SIZES = ["5KB", "7776", "0.0095MB", "20kb", "90KB", "258912", "258911", "1MB"]


def as_number(size: str):
    return int(size) if size.isdigit() else size


def saved_tensors(model) -> dict:
    """The state dict as it is walked: in the model's own order, a tied head left out."""
    tensors = model.state_dict()
    if model.config.tie_word_embeddings:
        del tensors["lm_head.weight"]
    return tensors


@pytest.fixture(params=SIZES)
def size(request) -> str:
    return request.param


@pytest.fixture
def cut(size, model_folder, recast, tmp_path):
    folder = tmp_path / "cut"
    recast("convert", model_folder, folder, "--to", "huggingface", "--max-shard-size", size)
    return folder


def test_shards_are_those_of_the_hub_library(size, model_folder, recast, tmp_path):
    model = AutoModelForCausalLM.from_pretrained(model_folder, dtype="auto")
    tensors = saved_tensors(model)
    split = split_torch_state_dict_into_shards(tensors, max_shard_size=as_number(size))
    # The model in memory is what is split, and transformers 5 has all experts of a layer in one tensor there.
    stacked = any(name.endswith(".experts.gate_up_proj") for name in tensors)
    layout = ["--set", "expert_tensors=stacked"] if stacked else []
    cut = tmp_path / "cut"
    recast("convert", model_folder, cut, "--to", "huggingface", "--max-shard-size", size, *layout)
    assert weight_files(cut) == sorted(split.filename_to_tensors)
    assert (cut / INDEX).exists() == split.is_sharded
    if split.is_sharded:
        index = json.loads((cut / INDEX).read_text())
        assert index["weight_map"] == split.tensor_to_filename
        assert index["metadata"]["total_size"] == split.metadata["total_size"]
    assert_same_tensors(hf_tensors(cut), tensors)


@pytest.mark.skipif(MAJOR >= 5, reason="transformers 5 sorts the names before it cuts")
def test_shards_are_those_of_save_pretrained(size, model_folder, cut, tmp_path):
    model = AutoModelForCausalLM.from_pretrained(model_folder, dtype="auto")
    model.save_pretrained(tmp_path / "theirs", max_shard_size=as_number(size))
    assert weight_files(cut) == weight_files(tmp_path / "theirs")
    if (tmp_path / "theirs" / SINGLE).exists():
        return
    expected = json.loads((tmp_path / "theirs" / INDEX).read_text())
    actual = json.loads((cut / INDEX).read_text())
    assert actual["weight_map"] == expected["weight_map"]
    assert actual["metadata"]["total_size"] == expected["metadata"]["total_size"]


def test_shards_from_megatron_are_cut_the_same(size, model_folder, cut, recast, tmp_path):
    recast("convert", model_folder, tmp_path / "megatron", "--to", "megatron", "--tp", "2", "--pp", "2")
    recast("convert", tmp_path / "megatron", tmp_path / "hf", "--to", "huggingface", "--max-shard-size", size)
    assert weight_files(tmp_path / "hf") == weight_files(cut)
    for name in weight_files(cut):
        assert (tmp_path / "hf" / name).read_bytes() == (cut / name).read_bytes()
