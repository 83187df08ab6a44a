"""Reads Megatron's `torch` checkpoints with torch alone."""

import argparse
import functools
import io
import pathlib
import pickle
import signal
import types
from pathlib import Path

import numpy
import torch

# What Megatron allows in its files (its safe_globals.py), as far as it exists without Megatron.
ALLOWED = [
    argparse.Namespace,
    types.SimpleNamespace,
    pathlib.PosixPath,
    io.BytesIO,
    signal.Signals,
    numpy.ndarray,
    numpy.dtype,
    numpy.dtypes.UInt32DType,
    numpy._core.multiarray._reconstruct,
]


def load_allowed(path: Path, **options) -> dict:
    """As Megatron loads: nothing but tensors, plain values and the allow-list."""
    with torch.serialization.safe_globals(ALLOWED):
        return torch.load(path, map_location="cpu", weights_only=True, **options)


class _Unknown:
    """Stands for classes of Megatron (enums in `args`), which is not installed here."""

    def __init__(self, *arguments):
        self.arguments = arguments


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return super().find_class(module, name)
        except (ImportError, AttributeError):
            return type(name, (_Unknown,), {})


class _pickle_with_unknown_classes:
    Unpickler = _Unpickler
    load = staticmethod(lambda file, **options: _Unpickler(file, **options).load())


def load_anything(path: Path) -> dict:
    """For the fixtures, which we trust."""
    return torch.load(path, map_location="cpu", weights_only=False, pickle_module=_pickle_with_unknown_classes)


class Checkpoint:
    """The ranks of one checkpoint by the names of their folders, each as torch loads it."""

    def __init__(self, folder: Path, load):
        tracker = (folder / "latest_checkpointed_iteration.txt").read_text().strip()
        self.iteration = folder / (tracker if tracker == "release" else f"iter_{int(tracker):07}")
        files = sorted(self.iteration.glob("mp_rank_*/model_optim_rng.pt"))
        self.ranks = {file.parent.name: load(file) for file in files}
        self.arguments = vars(next(iter(self.ranks.values()))["args"])


@functools.lru_cache(maxsize=None)
def load_case(folder: Path) -> Checkpoint:
    return Checkpoint(folder, load_anything)


def chunks(rank: dict) -> dict[str, dict]:
    """The model chunks of a rank: `model`, or `model0`, `model1`, …"""
    return {key: value for key, value in rank.items() if key.startswith("model")}


def tensors(chunk: dict) -> dict[str, torch.Tensor]:
    return {name: value for name, value in chunk.items() if not name.endswith("_extra_state")}
