"""Experts as transformers 5 keeps them in memory: all of a layer in one tensor."""

import pytest
import transformers
from comparison import assert_same_tensors, hf_tensors
from conftest import FIXTURES
from transformers import AutoModelForCausalLM

pytestmark = pytest.mark.skipif(int(transformers.__version__.split(".")[0]) < 5, reason="transformers 4 has no such layout")
MODEL = FIXTURES / "hf/mixtral"


@pytest.fixture(scope="module")
def stacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stacked") / "hf"
    AutoModelForCausalLM.from_pretrained(MODEL, dtype="auto").save_pretrained(folder, save_original_format=False)
    assert "model.layers.0.mlp.experts.gate_up_proj" in hf_tensors(folder)
    return folder


def test_stacked_experts_are_read_and_written_one_by_one(stacked, recast, tmp_path):
    recast("convert", stacked, tmp_path / "megatron", "--to", "megatron", "--tp", 2, "--ep", 2)
    recast("convert", tmp_path / "megatron", tmp_path / "hf", "--to", "huggingface")
    assert_same_tensors(hf_tensors(tmp_path / "hf"), hf_tensors(MODEL))


def test_the_layout_is_kept_between_folders_unless_another_is_asked_for(stacked, recast, tmp_path):
    recast("convert", stacked, tmp_path / "same", "--to", "huggingface")
    assert_same_tensors(hf_tensors(tmp_path / "same"), hf_tensors(stacked))
    recast("convert", stacked, tmp_path / "single", "--to", "huggingface", "--set", "expert_tensors=single")
    assert_same_tensors(hf_tensors(tmp_path / "single"), hf_tensors(MODEL))


def test_experts_can_be_written_stacked(stacked, recast, tmp_path):
    recast("convert", MODEL, tmp_path / "out", "--to", "huggingface", "--set", "expert_tensors=stacked")
    assert_same_tensors(hf_tensors(tmp_path / "out"), hf_tensors(stacked))
