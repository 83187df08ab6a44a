"""Checkpoints that Megatron-LM wrote, converted to Hugging Face, in the hands of transformers."""

import json

import pytest
import torch
from comparison import assert_declares_torch, assert_same_tensors, config_fields, hf_tensors
from conftest import CASES, FIXTURES
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

# What Megatron's `args` cannot hold, and `--set` did not give: token ids belong to the tokenizer.
NOT_IN_ARGS = {"bos_token_id", "eos_token_id", "pad_token_id"}


def test_every_case_is_listed():
    facts = json.loads((FIXTURES / "megatron/cases.json").read_text())
    known = ("llama", "mixtral")
    listed = {n for n, f in facts.items() if f["hf"].split("/")[-1].startswith(known) and "legacy" not in n}
    assert listed == set(CASES)


def test_tensors_equal_the_model_bit_for_bit(case, as_hf):
    assert_same_tensors(hf_tensors(as_hf), hf_tensors(case.hf))
    assert_declares_torch(as_hf)


def test_configuration_equals_the_models(case, as_hf):
    assert config_fields(as_hf, NOT_IN_ARGS) == config_fields(case.hf, NOT_IN_ARGS)


def test_from_pretrained_gives_the_stored_logits(case, as_hf):
    model, loading = AutoModelForCausalLM.from_pretrained(
        as_hf, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not loading["missing_keys"]
    assert not loading["unexpected_keys"]
    assert not loading["mismatched_keys"]
    reference = load_file(case.hf / "reference.safetensors")
    with torch.no_grad():
        logits = model.eval()(reference["input_ids"]).logits
    assert logits.dtype == torch.float32
    error = (logits - reference["logits"]).abs().max() / reference["logits"].abs().max()
    assert error <= 1e-5


@pytest.mark.parametrize("case", ["llama3.1-tp2-pp3"], indirect=True)
def test_a_padded_vocabulary_loads_too(case, recast, tmp_path):
    """Without `--set vocab` and with nothing that tells it, the rows stay padded, and the program says so."""
    done = recast("convert", case.folder, tmp_path / "hf", "--to", "huggingface", "--set", "rope.original=64")
    assert "264" in done.stderr
    _, loading = AutoModelForCausalLM.from_pretrained(tmp_path / "hf", output_loading_info=True)
    assert not loading["missing_keys"] and not loading["unexpected_keys"] and not loading["mismatched_keys"]
    expected = hf_tensors(case.hf)
    actual = hf_tensors(tmp_path / "hf")
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        assert actual[name].shape[0] == 264
        actual[name] = actual[name][: case.vocab].clone()
    assert_same_tensors(actual, expected)
