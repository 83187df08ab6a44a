"""Hugging Face models, converted to the topology of a checkpoint that Megatron-LM wrote from the same model."""

import pytest
import torch
from comparison import assert_same_tensor
from megatron_files import Checkpoint, chunks, load_allowed, load_case, tensors

# Megatron's own defaults: `--use-checkpoint-args` keeps them where a checkpoint has no value or None.
DEFAULTS = {
    "add_bias_linear": True,
    "add_position_embedding": True,
    "add_qkv_bias": False,
    "apply_layernorm_1p": False,
    "apply_query_key_layer_scaling": False,
    "attention_dropout": 0.1,
    "expert_model_parallel_size": 1,
    "group_query_attention": False,
    "hidden_dropout": 0.1,
    "moe_grouped_gemm": False,
    "moe_latent_size": None,
    "moe_layer_freq": 1,
    "moe_router_enable_expert_bias": False,
    "moe_router_pre_softmax": False,
    "moe_router_score_function": "softmax",
    "moe_router_topk": 2,
    "moe_router_topk_scaling_factor": None,
    "moe_shared_expert_intermediate_size": None,
    "moe_single_grouped_bias": False,
    "moe_single_grouped_weight": False,
    "mtp_num_layers": None,
    "mtp_use_repeated_layer": False,
    "normalization": "LayerNorm",
    "num_experts": None,
    "position_embedding_type": "learned_absolute",
    "qk_layernorm": False,
    "rotary_base": 10000,
    "rotary_interleaved": False,
    "rotary_percent": 1.0,
    "rotary_seq_len_interpolation_factor": None,
    "spec": None,
    "squared_relu": False,
    "swiglu": False,
    "tiktoken_pattern": None,
    "untie_embeddings_and_output_weights": False,
    "use_rope_scaling": False,
    "use_rotary_position_embeddings": False,
    "virtual_pipeline_model_parallel_size": None,
}
# No default stands in for these: a loader asks the file.
REQUIRED = [
    "bf16",
    "ffn_hidden_size",
    "fp16",
    "hidden_size",
    "kv_channels",
    "make_vocab_size_divisible_by",
    "max_position_embeddings",
    "num_attention_heads",
    "num_layers",
    "padded_vocab_size",
    "params_dtype",
    "pipeline_model_parallel_size",
    "tensor_model_parallel_size",
    "transformer_impl",
]
# Not compared: seq_length (length of training, nothing in the model tells it; bounded below), tokenizer_* and vocab_file
# (paths of the trainer), moe_token_dispatcher_type (a choice of the run), ckpt_format (below), global_batch_size and phase_transition_iterations (training), and
# moe_ffn_hidden_size, which Megatron sets to None itself where there are no experts.


def meaning(arguments: dict) -> dict:
    """The arguments as a loader understands them."""
    found = {name: arguments[name] for name in REQUIRED}
    for name, default in DEFAULTS.items():
        value = arguments.get(name)
        found[name] = default if value is None else value
    # The number of groups counts only with grouped queries; each head is a group otherwise.
    grouped = found.pop("group_query_attention")
    found["groups"] = arguments["num_query_groups"] if grouped else found["num_attention_heads"]
    # Newer code renamed the field; either is read.
    epsilons = {arguments[n] for n in ("norm_epsilon", "layernorm_epsilon") if arguments.get(n) is not None}
    assert len(epsilons) == 1, epsilons
    found["norm_epsilon"] = epsilons.pop()
    # The factor has a default of its own and counts only with scaling on.
    found["rope_scaling_factor"] = arguments["rope_scaling_factor"] if found["use_rope_scaling"] else None
    return found


@pytest.fixture(scope="session")
def ours(as_megatron) -> Checkpoint:
    return Checkpoint(as_megatron, load_allowed)


@pytest.fixture(scope="session")
def theirs(case) -> Checkpoint:
    return load_case(case.folder)


def test_ranks_and_chunks_are_those_of_megatron(ours, theirs):
    assert list(ours.ranks) == list(theirs.ranks)
    for name, rank in theirs.ranks.items():
        assert list(chunks(ours.ranks[name])) == list(chunks(rank)), name


def test_every_tensor_of_every_rank_equals_megatrons(case, ours, theirs):
    for rank_name, rank in theirs.ranks.items():
        tp = int(rank_name.split("_")[2])
        for chunk_name, chunk in chunks(rank).items():
            expected, actual = tensors(chunk), tensors(chunks(ours.ranks[rank_name])[chunk_name])
            # In Megatron's order too: it is the order of the parameters in an optimizer.
            assert list(actual) == list(expected), (rank_name, chunk_name)
            for name, tensor in expected.items():
                got = actual[name]
                if name in ("embedding.word_embeddings.weight", "output_layer.weight"):
                    assert got.shape == tensor.shape
                    rows = max(0, min(tensor.shape[0], case.vocab - tp * tensor.shape[0]))
                    got, tensor = got[:rows], tensor[:rows]
                assert_same_tensor(f"{rank_name} {chunk_name} {name}", got, tensor)


def test_extra_state_is_none_or_empty(ours):
    """Newer Transformer Engine refuses anything else."""
    for rank in ours.ranks.values():
        for chunk in chunks(rank).values():
            for name in chunk.keys() - tensors(chunk).keys():
                state = chunk[name]
                assert state is None or (state.dtype == torch.uint8 and state.numel() == 0), name


def test_tensors_are_plain_and_contiguous(ours):
    for rank in ours.ranks.values():
        for chunk in chunks(rank).values():
            for name, tensor in tensors(chunk).items():
                assert tensor.is_contiguous() and not tensor.requires_grad, name
                assert tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size(), name


def test_arguments_mean_the_same(ours, theirs):
    expected = meaning(theirs.arguments)
    for name, rank in ours.ranks.items():
        assert meaning(vars(rank["args"])) == expected, name


def test_arguments_that_only_bound(case, ours, theirs):
    for rank in ours.ranks.values():
        arguments = vars(rank["args"])
        assert arguments["ckpt_format"] == "torch"
        assert 1 <= arguments["seq_length"] <= theirs.arguments["max_position_embeddings"]
        assert arguments["vocab_size"] in (case.vocab, None)


def test_top_level_is_what_a_loader_demands(ours):
    for rank in ours.ranks.values():
        assert rank["checkpoint_version"] >= 3.0
        # Some trees refuse iteration 0 unless the checkpoint is a release.
        assert isinstance(rank["iteration"], int)
        assert ours.iteration.name == "release" or rank["iteration"] == int(ours.iteration.name.removeprefix("iter_")) >= 1
        # The old grid's random states and an optimizer that nobody computed must not be there.
        assert not {"optimizer", "opt_param_scheduler", "rng_state"} & rank.keys()


def test_files_can_be_mapped_into_memory(as_megatron, ours):
    for name, rank in ours.ranks.items():
        mapped = load_allowed(ours.iteration / name / "model_optim_rng.pt", mmap=True)
        for chunk_name, chunk in chunks(rank).items():
            for tensor_name, tensor in tensors(chunk).items():
                assert_same_tensor(tensor_name, mapped[chunk_name][tensor_name], tensor)
