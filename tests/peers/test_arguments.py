"""Megatron's arguments beside a Hugging Face model, in the form of HabanaAI's tool, and their way back."""

import json
import shutil

import pytest
from megatron_files import Checkpoint, load_anything, load_case

FILE = "source_megatron_args.json"
# What the way back may change: the run's iteration stands in the tracker, not in the arguments (there it is 0); the true
# vocabulary is told by the model; and these two say how many processes there are, which data parallel copies are no part of.
RESTATED = {"iteration", "vocab_size", "world_size", "data_parallel_size"}


def plain(value):
    """Enumerators of classes that are not installed here, made comparable."""
    return (type(value).__name__, value.arguments) if hasattr(value, "arguments") else value


def grid_of(case) -> list[str]:
    options = ["--to", "megatron", "--tp", case.tp, "--pp", case.pp, "--ep", case.ep, "--etp", case.etp]
    return options + (["--vpp", case.vpp] if case.vpp else [])


def assert_kept(case, folder) -> None:
    source = load_case(case.folder).arguments
    for name, rank in Checkpoint(folder, load_anything).ranks.items():
        found = vars(rank["args"])
        kept = {key for key in source if plain(found.get(key, "absent")) == plain(source[key])}
        assert source.keys() - kept <= RESTATED, name
        assert source["vocab_size"] in (found["vocab_size"], None)


def test_the_file_says_every_argument_in_its_order(case, as_hf):
    text = (as_hf / FILE).read_text()
    written = json.loads(text)
    source = load_case(case.folder).arguments
    assert list(written) == list(source)
    for key, value in source.items():
        if hasattr(value, "arguments"):  # an enumerator, by name where the rules know it
            assert type(value).__name__ in written[key], key
        elif type(value).__module__ == "torch":  # as str() says it
            assert written[key] == str(value)
        else:
            assert written[key] == value, key
    assert text == json.dumps(written, indent=2)


def test_the_way_back_keeps_every_argument(case, as_hf, recast, tmp_path):
    done = recast("convert", as_hf, tmp_path / "out", *grid_of(case))
    assert FILE in done.stderr
    assert_kept(case, tmp_path / "out")


@pytest.mark.parametrize("case", ["mixtral-te-tp2-pp2"], indirect=True)
def test_a_file_elsewhere_is_named_by_an_option(case, as_hf, recast, tmp_path):
    model = tmp_path / "hf"
    shutil.copytree(as_hf, model)
    arguments = (model / FILE).rename(tmp_path / "arguments.json")
    recast("convert", model, tmp_path / "out", *grid_of(case), "--args", arguments)
    assert_kept(case, tmp_path / "out")


@pytest.mark.parametrize("case", ["mixtral-tp1-ep4"], indirect=True)
def test_arguments_of_another_kind_of_model_are_refused(case, as_hf, recast, tmp_path):
    model = tmp_path / "hf"
    shutil.copytree(as_hf, model)
    arguments = json.loads((model / FILE).read_text()) | {"multi_latent_attention": True}
    (model / FILE).write_text(json.dumps(arguments))
    done = recast("convert", model, tmp_path / "out", *grid_of(case), check=False)
    assert done.returncode == 3
    assert "multi_latent_attention" in done.stderr and FILE in done.stderr


@pytest.mark.parametrize("case", ["mixtral-tp1-ep4"], indirect=True)
def test_the_file_goes_along_between_folders_of_one_framework(case, as_hf, recast, tmp_path):
    recast("convert", as_hf, tmp_path / "out", "--to", "huggingface", "--dtype", "fp32")
    assert (tmp_path / "out" / FILE).read_bytes() == (as_hf / FILE).read_bytes()
