"""Qwen2 and Qwen3, as transformers writes them: through Megatron and back. Also as a user adds them: with a program whose rules
do not know them, and theirs in a folder of its own."""

import os
import shutil
import subprocess

import pytest
import torch
from comparison import assert_same_fields, assert_same_tensors, hf_tensors
from conftest import PROGRAM, ROOT, run
from megatron_files import Checkpoint, load_allowed
from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

COMMON = dict(vocab_size=90, hidden_size=48, intermediate_size=56, num_hidden_layers=4, num_attention_heads=8,
              num_key_value_heads=4, max_position_embeddings=64)  # fmt: skip
MODELS = {
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**COMMON)),
    "qwen2-tied": lambda: Qwen2ForCausalLM(Qwen2Config(**COMMON, tie_word_embeddings=True)),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**COMMON, head_dim=10)),
}


@pytest.fixture(scope="module", params=MODELS)
def model(request, tmp_path_factory):
    torch.manual_seed(0)
    made = MODELS[request.param]()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    folder = tmp_path_factory.mktemp("qwen") / request.param
    made.to(torch.bfloat16).save_pretrained(folder)
    return folder


def logits(folder) -> torch.Tensor:
    ids = torch.arange(1, 33).reshape(2, 16)
    with torch.no_grad():
        return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()(ids).logits


@pytest.mark.parametrize("grid", [["--tp", "1"], ["--tp", "2", "--pp", "2", "--vpp", "2"], ["--tp", "8"]])
@pytest.mark.parametrize("names", ["local", "transformer_engine"])
def test_through_megatron_and_back(model, grid, names, tmp_path):
    run("convert", model, tmp_path / "megatron", "--to", "megatron", *grid, "--set", f"transformer_impl={names}")
    run("convert", tmp_path / "megatron", tmp_path / "hf", "--to", "huggingface")
    assert_same_tensors(hf_tensors(tmp_path / "hf"), hf_tensors(model))
    assert_same_fields(tmp_path / "hf", model)
    assert torch.equal(logits(tmp_path / "hf"), logits(model))


def test_megatrons_arguments_and_names(model, tmp_path):
    run("convert", model, tmp_path / "out", "--to", "megatron", "--set", "transformer_impl=local")
    rank = Checkpoint(tmp_path / "out", load_allowed).ranks["mp_rank_00"]
    arguments, attention = vars(rank["args"]), "decoder.layers.0.self_attention."
    is_second = model.name.startswith("qwen2")
    assert arguments["add_qkv_bias"] is is_second
    assert arguments["qk_layernorm"] is not is_second
    assert arguments["add_bias_linear"] is False
    assert arguments["untie_embeddings_and_output_weights"] is not model.name.endswith("tied")
    assert (attention + "linear_qkv.bias" in rank["model"]) is is_second
    assert (attention + "q_layernorm.weight" in rank["model"]) is not is_second
    assert attention + "linear_proj.bias" not in rank["model"]
    # Rows of a group: its queries, its key, its value.
    width = 6 if is_second else 10
    tensors, layer = hf_tensors(model), "model.layers.0.self_attn."
    rows = rank["model"][attention + "linear_qkv.weight"].reshape(4, 4, width, 48)
    assert torch.equal(rows[:, :2].reshape(-1, 48), tensors[layer + "q_proj.weight"])
    assert torch.equal(rows[:, 2].reshape(-1, 48), tensors[layer + "k_proj.weight"])
    assert torch.equal(rows[:, 3].reshape(-1, 48), tensors[layer + "v_proj.weight"])


def test_added_by_a_folder_of_rules(model, tmp_path):
    """The program in a folder of its own, installed without these families."""
    (tmp_path / "bin").mkdir()
    shutil.copy(PROGRAM.resolve(), tmp_path / "bin/recast")
    family = model.name.removesuffix("-tied")
    shutil.copytree(ROOT / "rules", tmp_path / "share/recast/rules", ignore=shutil.ignore_patterns("qwen*"))
    shutil.copytree(ROOT / "rules" / family, tmp_path / "added" / family)

    def without(*arguments):
        return subprocess.run([tmp_path / "bin/recast", *map(str, arguments)], capture_output=True, text=True,
                              env=dict(os.environ))  # fmt: skip

    refused = without("convert", model, tmp_path / "no", "--to", "megatron")
    assert refused.returncode != 0
    assert "unknown-family" in refused.stderr or "no family of the rules" in refused.stderr
    added = ["--rules", tmp_path / "added"]
    done = without("convert", model, tmp_path / "mg", "--to", "megatron", "--tp", "2", *added)
    assert done.returncode == 0, done.stderr
    done = without("convert", tmp_path / "mg", tmp_path / "hf", "--to", "huggingface", *added)
    assert done.returncode == 0, done.stderr
    assert_same_tensors(hf_tensors(tmp_path / "hf"), hf_tensors(model))
