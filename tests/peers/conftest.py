"""Where the program and the fixtures are, and one conversion of each case, shared by the tests of a session."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("RECAST", ROOT / "recast"))

# Every LLaMA and Mixtral checkpoint of the fixtures that is not of Megatron's legacy models. `--set` gives what the files do not tell.
CASES = [
    "llama2-te-tp2",
    "llama2-tp1",
    "llama2-tp2-pp2",
    "llama2-tp2-pp2-optim",
    "llama3.1-tp2-pp2-vpp3",
    "llama3.1-tp2-pp3",
    "llama3.1-tp4",
    "llama3.2-habana-tp2",
    "llama3.2-tp2-pp2",
    "llama3.2-tp2-pp2-distopt",
    "mixtral-grouped-tp2-ep2",
    "mixtral-te-tp2-pp2",
    "mixtral-tp1-ep4",
    "mixtral-tp2-pp2-ep2",
]
MODELS = ["llama2", "llama3.1", "llama3.2", "mixtral"]


def fixtures_folder() -> Path:
    named = os.environ.get("RECAST_FIXTURES")
    for folder in [Path(named)] if named else [ROOT / "tests/fixtures", ROOT.parent / "shared/fixtures"]:
        if (folder / "megatron/cases.json").is_file():
            return folder
    raise FileNotFoundError("no fixtures: neither tests/fixtures nor RECAST_FIXTURES holds megatron/cases.json")


FIXTURES = fixtures_folder()


class Case:
    """A checkpoint that Megatron-LM wrote, and the Hugging Face model that it holds."""

    def __init__(self, name: str):
        facts = json.loads((FIXTURES / "megatron/cases.json").read_text())[name]
        self.name = name
        self.folder = FIXTURES / "megatron" / name
        trained = facts["hf"].startswith("hf/")  # these hold a model of their own
        self.hf = FIXTURES / ("megatron" if trained else "hf") / facts["hf"]
        self.vocab = facts["vocab_size"]
        self.tp, self.pp, self.vpp = facts["tp"], facts["pp"], facts["vpp"]
        self.ep, self.etp = facts["ep"], facts["etp"]
        self.tree = facts["tree"]
        self.has_scaled_rope = json.loads((self.hf / "config.json").read_text()).get("rope_scaling") is not None

    def options_to_hf(self, tells_vocab: bool) -> list[str]:
        options = ["--to", "huggingface"]
        if not tells_vocab:
            options += ["--set", f"vocab={self.vocab}"]
        if self.has_scaled_rope:  # Megatron's arguments cannot hold it, and these tiny models do not have the usual 8192
            options += ["--set", "rope.original=64"]
        return options

    def options_to_megatron(self, arguments: dict) -> list[str]:
        options = ["--to", "megatron", "--tp", str(self.tp), "--pp", str(self.pp)]
        if self.vpp is not None:
            options += ["--vpp", str(self.vpp)]
        if self.ep > 1:
            options += ["--ep", str(self.ep), "--etp", str(self.etp)]
        if arguments.get("moe_grouped_gemm"):
            kept = "grouped_legacy" if arguments["moe_use_legacy_grouped_gemm"] else "grouped_te"
            options += ["--set", f"experts_as={kept}"]
        for name in ("make_vocab_size_divisible_by", "transformer_impl"):
            options += ["--set", f"{name}={arguments[name]}"]
        return options


def run(*arguments, check: bool = True) -> subprocess.CompletedProcess:
    """Runs the program; a failure shows what it said."""
    command = [str(PROGRAM), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if check and done.returncode != 0:
        pytest.fail(f"exit {done.returncode}: {' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)
    return done


@pytest.fixture(scope="session")
def recast():
    return run


@pytest.fixture(scope="session", params=CASES)
def case(request) -> Case:
    return Case(request.param)


@pytest.fixture(scope="session", params=MODELS)
def model_folder(request) -> Path:
    return FIXTURES / "hf" / request.param


def _converted_once(tmp_path_factory, name: str, make) -> Path:
    done = tmp_path_factory.getbasetemp() / name
    if not done.exists():
        aside = tmp_path_factory.mktemp("converted") / "out"
        make(aside)
        aside.rename(done)
    return done


@pytest.fixture(scope="session")
def as_hf(case, tmp_path_factory) -> Path:
    """The case, converted to Hugging Face."""
    from megatron_files import load_case

    tells_vocab = load_case(case.folder).arguments.get("vocab_size") is not None
    return _converted_once(
        tmp_path_factory,
        f"hf-{case.name}",
        lambda out: run("convert", case.folder, out, *case.options_to_hf(tells_vocab)),
    )


@pytest.fixture(scope="session")
def as_megatron(case, tmp_path_factory) -> Path:
    """The case's Hugging Face model, converted to Megatron in the case's topology."""
    from megatron_files import load_case

    arguments = load_case(case.folder).arguments
    return _converted_once(
        tmp_path_factory,
        f"megatron-{case.name}",
        lambda out: run("convert", case.hf, out, *case.options_to_megatron(arguments)),
    )

