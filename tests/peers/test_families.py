"""GPT-2, Apertus and models from before Megatron-Core: checkpoints that Megatron-LM wrote, both ways, and what transformers computes."""

import json

import pytest
import torch
from comparison import assert_same_fields, assert_same_tensor, assert_same_tensors, hf_tensors
from conftest import FIXTURES, run
from megatron_files import Checkpoint, chunks, load_allowed, load_anything
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

CASES = {
    "gpt2-tp1": ("gpt2", []),
    "gpt2-tp2-pp2": ("gpt2", ["--tp", "2", "--pp", "2"]),
    "llama2-legacy-tp2": ("llama2", ["--tp", "2", "--set", "names=legacy"]),
    "apertus-swissai-te-tp2-pp2": ("apertus", ["--tp", "2", "--pp", "2"]),
    "apertus-torch-tp2-pp2": ("apertus", ["--tp", "2", "--pp", "2"]),
}
VOCAB = 250
TABLES = ("embedding.word_embeddings.weight", "output_layer.weight", "word_embeddings/weight", "output_layer/weight")
# Of the training, and what Megatron's arguments have no place for.
NOT_THE_MODEL = {"bos_token_id", "eos_token_id", "pad_token_id", "attn_pdrop", "resid_pdrop", "embd_pdrop"}


def folder_of(name: str):
    return FIXTURES / ("megatron-apertus" if name == "apertus-torch-tp2-pp2" else "megatron") / name


def model_tensors(folder) -> dict:
    """Of either container; what a pickled file repeats of a tied table is left out."""
    if not (folder / "pytorch_model.bin").exists():
        return hf_tensors(folder)
    found = dict(torch.load(folder / "pytorch_model.bin", weights_only=True))
    if "lm_head.weight" in found:
        assert torch.equal(found.pop("lm_head.weight"), found["transformer.wte.weight"])
    return found


def logits_error(folder, reference) -> float:
    model, loading = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not loading["missing_keys"] and not loading["unexpected_keys"] and not loading["mismatched_keys"]
    stored = load_file(reference / "reference.safetensors")
    with torch.no_grad():
        # transformers 4 leaves buffers in the stored type.
        logits = model.float().eval()(stored["input_ids"]).logits
    return ((logits - stored["logits"]).abs().max() / stored["logits"].abs().max()).item()


@pytest.fixture(scope="module", params=CASES)
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def model(name):
    return FIXTURES / "hf" / CASES[name][0]


@pytest.fixture(scope="module")
def as_hf(name, model, tmp_path_factory):
    out = tmp_path_factory.mktemp(name) / "hf"
    options = ["--set", f"vocab={VOCAB}"]
    if json.loads((model / "config.json").read_text()).get("rope_scaling"):
        options += ["--set", "rope.original=64"]
    run("convert", folder_of(name), out, "--to", "huggingface", *options)
    return out


@pytest.fixture(scope="module")
def theirs(name):
    return Checkpoint(folder_of(name), load_anything)


@pytest.fixture(scope="module")
def as_megatron(name, model, theirs, tmp_path_factory):
    out = tmp_path_factory.mktemp(name) / "megatron"
    kept = [f"{n}={theirs.arguments[n]}" for n in ("make_vocab_size_divisible_by", "transformer_impl")]
    run("convert", model, out, "--to", "megatron", *CASES[name][1], *(o for k in kept for o in ("--set", k)))
    return Checkpoint(out, load_allowed)


def flat(tree, path="") -> dict:
    out = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            out.update(flat(value, f"{path}{key}/"))
        elif isinstance(value, torch.Tensor) and not key.endswith("_extra_state"):
            out[path + key] = value
    return out


def test_tensors_and_configuration_equal_the_models(model, as_hf):
    assert_same_tensors(hf_tensors(as_hf), model_tensors(model))
    assert_same_fields(as_hf, model, NOT_THE_MODEL)


def test_transformers_computes_the_stored_logits(model, as_hf):
    assert logits_error(as_hf, model) <= 1e-5


def test_every_rank_equals_megatrons(as_megatron, theirs):
    assert list(as_megatron.ranks) == list(theirs.ranks)
    for rank, entries in theirs.ranks.items():
        tp = int(rank.split("_")[2])
        expected, actual = flat(chunks(entries)), flat(chunks(as_megatron.ranks[rank]))
        assert list(actual) == list(expected), rank
        for tensor, value in expected.items():
            got = actual[tensor]
            if tensor.endswith(TABLES):
                assert got.shape == value.shape
                rows = max(0, min(value.shape[0], VOCAB - tp * value.shape[0]))
                got, value = got[:rows], value[:rows]
            assert_same_tensor(f"{rank} {tensor}", got, value)


MEANING = [
    "add_bias_linear", "add_qkv_bias", "bf16", "bias_gelu_fusion", "ffn_hidden_size", "fp16", "hidden_size", "kv_channels",
    "max_position_embeddings", "normalization", "num_attention_heads", "num_layers", "openai_gelu", "padded_vocab_size",
    "params_dtype", "pipeline_model_parallel_size", "position_embedding_type", "qk_layernorm", "rotary_base", "swiglu",
    "tensor_model_parallel_size", "transformer_impl", "untie_embeddings_and_output_weights", "use_rope_scaling",
]  # fmt: skip


def test_arguments_mean_the_same(as_megatron, theirs):
    for rank in as_megatron.ranks.values():
        arguments = vars(rank["args"])
        positions = arguments["position_embedding_type"]
        for field in MEANING:
            if positions == "learned_absolute" and field in ("rotary_base", "use_rope_scaling"):
                continue
            if field == "bias_gelu_fusion" and not arguments["add_bias_linear"]:
                continue
            assert arguments[field] == theirs.arguments[field], field
        for field in ("xielu", "use_legacy_models"):
            assert bool(arguments.get(field)) == bool(theirs.arguments.get(field)), field


def test_the_way_back_from_megatron_keeps_the_configuration(model, as_megatron, tmp_path):
    run("convert", as_megatron.iteration.parent, tmp_path / "hf", "--to", "huggingface")
    assert_same_tensors(hf_tensors(tmp_path / "hf"), model_tensors(model))
    assert_same_fields(tmp_path / "hf", model, set())


# ---- Hugging Face's own forms


def test_gpt2_is_read_without_prefix_with_masks_and_pickled(tmp_path):
    source = FIXTURES / "hf/gpt2"
    tensors = model_tensors(source)
    bare = {n.removeprefix("transformer."): t for n, t in tensors.items()}
    for layer in range(4):
        bare[f"h.{layer}.attn.bias"] = torch.ones(1, 1, 64, 64, dtype=torch.uint8).tril()
        bare[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    for form, save in (("bin", lambda p: torch.save(bare, p / "pytorch_model.bin")),
                       ("st", lambda p: save_file(bare, p / "model.safetensors", metadata={"format": "pt"}))):  # fmt: skip
        folder = tmp_path / form
        folder.mkdir()
        (folder / "config.json").write_bytes((source / "config.json").read_bytes())
        save(folder)
        run("convert", folder, tmp_path / f"{form}-mg", "--to", "megatron", "--tp", "2")
        run("convert", tmp_path / f"{form}-mg", tmp_path / f"{form}-hf", "--to", "huggingface")
        assert_same_tensors(hf_tensors(tmp_path / f"{form}-hf"), tensors)
        assert logits_error(tmp_path / f"{form}-hf", source) <= 1e-5


@pytest.mark.parametrize("theta", [10000.0, 12000000.0, 500000.0])
@pytest.mark.parametrize("scaled", [False, True])
def test_apertus_keeps_its_rotary_positions(theta, scaled, tmp_path):
    """What `ApertusConfig` takes for granted must not replace what the model was trained with."""
    source = FIXTURES / "hf/apertus"
    config = json.loads((source / "config.json").read_text())
    del config["rope_scaling"], config["rope_theta"]
    kind = {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64} if scaled else {"rope_type": "default"}  # fmt: skip
    config["rope_parameters"] = {**kind, "rope_theta": theta}
    folder = tmp_path / "apertus"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes((source / "model.safetensors").read_bytes())
    (folder / "config.json").write_text(json.dumps(config))
    run("convert", folder, tmp_path / "mg", "--to", "megatron", "--tp", "2")
    run("convert", tmp_path / "mg", tmp_path / "hf", "--to", "huggingface")
    from transformers import AutoConfig

    read = AutoConfig.from_pretrained(tmp_path / "hf").to_dict()
    found = read.get("rope_scaling") or {} if "rope_theta" in read else read["rope_parameters"]
    assert read.get("rope_theta", found.get("rope_theta")) == theta
    for field, value in kind.items():
        if scaled or "rope_theta" not in read:
            assert found[field] == value, field
    if not scaled:
        assert not found.get("factor")


def apertus_with(tmp_path, change) -> "Path":
    source, folder = FIXTURES / "hf/apertus", tmp_path / "changed"
    folder.mkdir()
    (folder / "config.json").write_bytes((source / "config.json").read_bytes())
    tensors = {n: change(n, t) for n, t in hf_tensors(source).items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def test_scalars_of_xielu_are_read_in_every_shape(tmp_path):
    for shape in ([], [1], [1, 1]):
        where = tmp_path / str(len(shape))
        where.mkdir()
        folder = apertus_with(where, lambda n, t: t.reshape(shape).clone() if "act_fn" in n else t)
        run("convert", folder, where / "mg", "--to", "megatron", "--tp", "2")
        run("convert", where / "mg", where / "hf", "--to", "huggingface")
        assert_same_tensors(hf_tensors(where / "hf"), hf_tensors(FIXTURES / "hf/apertus"))


@pytest.mark.parametrize("buffer", ["beta", "eps"])
@pytest.mark.parametrize("to", ["megatron", "huggingface"])
def test_constants_of_xielu_are_compared(buffer, to, tmp_path):
    other = lambda n, t: t * 1.5 if n == f"model.layers.2.mlp.act_fn.{buffer}" else t
    folder = apertus_with(tmp_path, other)
    done = run("convert", folder, tmp_path / "out", "--to", to, check=False)
    assert done.returncode != 0
    assert f"model.layers.2.mlp.act_fn.{buffer}" in done.stderr
    assert not (tmp_path / "out").exists()
    for sides in ((folder, FIXTURES / "hf/apertus"), (FIXTURES / "hf/apertus", folder)):
        done = run("verify", *sides, check=False)
        assert done.returncode != 0
        assert f"model.layers.2.mlp.act_fn.{buffer}" in done.stderr


def test_constants_follow_the_type_of_the_model(tmp_path):
    run("convert", FIXTURES / "hf/apertus", tmp_path / "wide", "--to", "huggingface", "--dtype", "fp32")
    wide = hf_tensors(tmp_path / "wide")
    assert wide["model.layers.0.mlp.act_fn.eps"].dtype == torch.float32
    assert wide["model.layers.0.mlp.act_fn.eps"].item() == torch.tensor(-1e-6).item()
    run("convert", tmp_path / "wide", tmp_path / "again", "--to", "huggingface", "--dtype", "bf16")
    assert_same_tensors(hf_tensors(tmp_path / "again"), hf_tensors(FIXTURES / "hf/apertus"))


# ---- older trees, made from a real one


def test_legacy_spellings_release_and_old_file_names(tmp_path):
    source = folder_of("llama2-legacy-tp2")
    old = tmp_path / "old"
    for rank in ("mp_rank_00", "mp_rank_01"):
        entries = load_anything(source / "iter_0000010" / rank / "model_optim_rng.pt")
        model = entries["model"]["language_model"]
        model["transformer"] = {
            n.replace("_norm", "_layernorm").replace("self_attention", "attention"): t
            for n, t in model.pop("encoder").items()
        }
        entries = {k: v for k, v in entries.items() if k in ("args", "checkpoint_version", "iteration", "model")}
        entries["args"] = type(entries["args"])(
            **{k: v for k, v in vars(entries["args"]).items() if isinstance(v, (int, float, str, type(None), torch.dtype))}
        )
        del entries["args"].use_legacy_models
        folder = old / "release" / rank
        folder.mkdir(parents=True)
        torch.save(entries, folder / "model_rng.pt")
    (old / "latest_checkpointed_iteration.txt").write_text("release")
    run("convert", old, tmp_path / "hf", "--to", "huggingface", "--set", f"vocab={VOCAB}")
    assert_same_tensors(hf_tensors(tmp_path / "hf"), hf_tensors(FIXTURES / "hf/llama2"))
    # And on: with the names that it had, in a file of today's name.
    run("convert", old, tmp_path / "tp4", "--to", "megatron", "--tp", "4", "--set", f"vocab={VOCAB}")
    again = load_allowed(tmp_path / "tp4/release/mp_rank_03/model_optim_rng.pt")
    assert "layers.3.attention.query_key_value.weight" in again["model"]["language_model"]["transformer"]
