"""What people expect beside the weights survives the way through Megatron."""

import shutil

import pytest
from comparison import config_fields, weight_files
from conftest import FIXTURES
from transformers import AutoTokenizer

# Beside the fixtures' own tokenizer.json, tokenizer_config.json, special_tokens_map.json, generation_config.json.
EXTRA = {
    "LICENSE": b"all of it\n",
    "README.md": "# a model\n\nümläut\n".encode(),
    "added_tokens.json": b'{"<x>": 250}\n',
    "chat_template.jinja": b"{% for m in messages %}{{ m }}{% endfor %}",
    "merges.txt": b"#version: 0.2\na b\n",
    "preprocessor_config.json": b"{}",
    "tokenizer.model": bytes(range(256)) * 3,
    "vocab.json": b'{"a": 0}',
}


@pytest.fixture
def source(model_folder, tmp_path):
    folder = tmp_path / "source"
    shutil.copytree(model_folder, folder, ignore=shutil.ignore_patterns("reference.safetensors"))
    folder.chmod(0o755)
    for name, content in EXTRA.items():
        (folder / name).write_bytes(content)
    return folder


def small_files(folder) -> dict[str, bytes]:
    # The configuration is written anew by the rules; weights and their index are compared elsewhere.
    written = {"config.json", "model.safetensors.index.json", *weight_files(folder)}
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.name not in written}


def test_small_files_come_back_byte_for_byte(source, recast, tmp_path):
    expected = small_files(source)
    assert EXTRA.keys() | {"tokenizer.json", "tokenizer_config.json", "generation_config.json"} <= expected.keys()
    recast("convert", source, tmp_path / "megatron", "--to", "megatron", "--tp", "2", "--pp", "2")
    recast("convert", tmp_path / "megatron", tmp_path / "hf", "--to", "huggingface")
    actual = small_files(tmp_path / "hf")
    assert {name: actual.get(name) for name in expected} == expected


def test_the_configuration_comes_back_whole(source, recast, tmp_path):
    """Token ids too, and the original context of scaled rope, which Megatron's arguments cannot hold."""
    recast("convert", source, tmp_path / "megatron", "--to", "megatron", "--tp", "2")
    recast("convert", tmp_path / "megatron", tmp_path / "hf", "--to", "huggingface")
    assert config_fields(tmp_path / "hf") == config_fields(source)


def test_small_files_are_carried_through_a_change_of_topology(source, recast, tmp_path):
    expected = small_files(source)
    recast("convert", source, tmp_path / "tp2", "--to", "megatron", "--tp", "2")
    recast("convert", tmp_path / "tp2", tmp_path / "pp2", "--to", "megatron", "--tp", "1", "--pp", "2")
    recast("convert", tmp_path / "pp2", tmp_path / "hf", "--to", "huggingface")
    actual = small_files(tmp_path / "hf")
    assert {name: actual.get(name) for name in expected} == expected


def test_a_tokenizer_can_be_supplied(recast, tmp_path):
    """Megatron's own files carry none."""
    tokenizer = tmp_path / "tokenizer"
    tokenizer.mkdir()
    names = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]
    for name in names:
        shutil.copy(FIXTURES / "hf/llama2" / name, tokenizer)
    recast(
        "convert",
        FIXTURES / "megatron/llama2-tp2-pp2",
        tmp_path / "hf",
        *["--to", "huggingface", "--set", "vocab=250", "--tokenizer", tokenizer],
    )
    for name in names:
        assert (tmp_path / "hf" / name).read_bytes() == (tokenizer / name).read_bytes()
    loaded = AutoTokenizer.from_pretrained(tmp_path / "hf")
    expected = AutoTokenizer.from_pretrained(tokenizer)
    assert loaded("recast 42")["input_ids"] == expected("recast 42")["input_ids"]
