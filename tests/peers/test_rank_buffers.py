"""HabanaAI's capacity bins: int64 buffers that differ on every rank, in the file that its own tools write and read."""

import argparse
import shutil

import pytest
import torch
from conftest import FIXTURES
from megatron_files import Checkpoint, load_allowed, load_anything

CASE = "mixtral-tp2-pp2-ep2"
LAYERS, TP, PP, EP, BINS = 4, 2, 2, 2, 5
SHAPES = {
    "capacity_bins": BINS,
    "bins_usage": BINS,
    "total_requested_capacity": 1,
    "optimize_moe_bins_usage_last": BINS,
    "optimize_moe_total_requested_capacity_last": 1,
}


def buffer(kind: str, layer: int, pp: int, ep: int, tp: int) -> torch.Tensor:
    """Different everywhere."""
    number = list(SHAPES).index(kind)
    for part in (layer, pp, ep, tp):
        number = number * 10 + part
    return torch.arange(SHAPES[kind], dtype=torch.int64) + 1000 * number + 2**40


def rank_name(pp: int, ep: int, tp: int) -> str:
    return f"mp_rank_{tp:02}_{pp:03}_{ep:03}"


def name_of(local: int, kind: str) -> str:
    return f"decoder.layers.{local}.mlp.router.capacity_bins.{kind}"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The case with bins in every rank, as HabanaAI's model has them."""
    folder = tmp_path_factory.mktemp("bins") / "source"
    shutil.copytree(FIXTURES / "megatron" / CASE, folder, copy_function=shutil.copy)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for pp in range(PP):
        for ep in range(EP):
            for tp in range(TP):
                path = folder / "iter_0000010" / rank_name(pp, ep, tp) / "model_optim_rng.pt"
                rank = load_anything(path)
                # Classes of Megatron that are not installed here cannot be written again.
                plain = {k: v for k, v in vars(rank["args"]).items() if not type(v).__module__.startswith("megatron")}
                rank["args"] = argparse.Namespace(**plain)
                for local in range(LAYERS // PP):
                    for kind in SHAPES:
                        rank["model"][name_of(local, kind)] = buffer(kind, pp * (LAYERS // PP) + local, pp, ep, tp)
                torch.save(rank, path)
    return folder


@pytest.fixture(scope="module")
def as_hf(source, tmp_path_factory):
    from conftest import run

    out = tmp_path_factory.mktemp("bins") / "hf"
    run("convert", source, out, "--to", "huggingface", "--set", "vocab=250")
    return out


def assert_bins(folder, tp=TP, pp=PP, ep=EP):
    for name, rank in Checkpoint(folder, load_allowed).ranks.items():
        t, p, e = (int(part) for part in name.split("_")[2:])
        for local in range(LAYERS // pp):
            for kind in SHAPES:
                got = rank["model"][name_of(local, kind)]
                assert got.dtype == torch.int64
                assert torch.equal(got, buffer(kind, p * (LAYERS // pp) + local, p, e, t)), (name, local, kind)


def test_the_file_is_that_of_habana(as_hf):
    bins = torch.load(as_hf / "capacity_bins.pt", weights_only=True)
    assert type(bins) is dict
    assert set(bins) == set(SHAPES)
    for kind, layers in bins.items():
        assert list(layers) == list(range(LAYERS))
        for layer, stages in layers.items():
            assert list(stages) == list(range(PP))
            for pp, experts in stages.items():
                assert list(experts) == list(range(EP))
                for ep, ranks in experts.items():
                    assert list(ranks) == list(range(TP))
                    for tp, got in ranks.items():
                        if pp != layer // (LAYERS // PP):
                            assert got == {}
                            continue
                        assert got.dtype == torch.int64
                        assert torch.equal(got, buffer(kind, layer, pp, ep, tp))


def test_an_equal_grid_gets_every_value_back(as_hf, recast, tmp_path):
    recast("convert", as_hf, tmp_path / "out", "--to", "megatron", "--tp", TP, "--pp", PP, "--ep", EP)
    assert_bins(tmp_path / "out")


def test_an_equal_grid_keeps_every_value(source, recast, tmp_path):
    recast("convert", source, tmp_path / "out", "--to", "megatron", "--set", "experts_as=grouped_legacy")
    assert_bins(tmp_path / "out")


@pytest.mark.parametrize("grid", [("--tp", 1, "--pp", 2, "--ep", 2), ("--tp", 2, "--pp", 1, "--ep", 2), ("--tp", 2, "--pp", 2, "--ep", 4)])
@pytest.mark.parametrize("start", ["source", "as_hf"])
def test_another_grid_resets_them_and_says_so(start, grid, request, recast, tmp_path):
    done = recast("convert", request.getfixturevalue(start), tmp_path / "out", "--to", "megatron", *grid)
    assert "capacity_bins" in done.stderr and "reset to zero" in done.stderr
    for rank in Checkpoint(tmp_path / "out", load_allowed).ranks.values():
        found = [name for name in rank["model"] if ".capacity_bins." in name]
        assert len(found) == len(SHAPES) * LAYERS // grid[3]
        for name in found:
            got = rank["model"][name]
            assert got.dtype == torch.int64 and got.shape == (SHAPES[name.rsplit(".", 1)[1]],)
            assert not got.any()


def test_the_file_goes_along_between_folders_of_one_framework(as_hf, recast, tmp_path):
    recast("convert", as_hf, tmp_path / "out", "--to", "huggingface", "--dtype", "fp32")
    assert (tmp_path / "out/capacity_bins.pt").read_bytes() == (as_hf / "capacity_bins.pt").read_bytes()


def test_buffers_of_no_known_form_are_refused(source, recast, tmp_path):
    folder = tmp_path / "source"
    shutil.copytree(source, folder)
    path = folder / "iter_0000010" / rank_name(0, 0, 0) / "model_optim_rng.pt"
    rank = load_allowed(path)
    rank["model"][name_of(0, "bins_usage")] = torch.zeros([1] * 8, dtype=torch.int64)
    torch.save(rank, path)
    done = recast("convert", folder, tmp_path / "out", "--to", "huggingface", "--set", "vocab=250", check=False)
    assert done.returncode == 3
    assert "has 8 dimensions" in done.stderr


def test_a_view_of_what_is_packed_is_refused(recast, tmp_path):
    grouped = tmp_path / "grouped"
    recast("convert", FIXTURES / "hf/mixtral", grouped, "--to", "megatron", "--set", "experts_as=grouped_legacy")
    path = next(grouped.rglob("model_optim_rng.pt"))
    rank = load_allowed(path)
    name = "decoder.layers.0.mlp.experts.weight1"
    rank["model"][name] = rank["model"][name].t().contiguous().t()
    torch.save(rank, path)
    done = recast("convert", grouped, tmp_path / "out", "--to", "huggingface", check=False)
    assert done.returncode == 3
    assert "weight1" in done.stderr and "view" in done.stderr
