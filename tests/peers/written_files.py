#!/usr/bin/env python3
"""Loads files that recast wrote with the libraries they are for: torch.load and safetensors.

    written_files.py WRITTEN [ORIGINALS]

Takes every *.pt, *.bin and *.safetensors below WRITTEN. A torch file must load with weights_only=True, from memory and
with mmap=True, to the same value; as a zip archive its CRCs must be right and its records begin at multiples of 64. With
ORIGINALS, a folder of the same tree, the value must be that of the file of the same path there: what was read from it and
written again. Prints one line per file that fails; exit 0 if none did, 1 if some did, 2 if there was nothing to check.

Classes that a file mentions and that are not installed are replaced by empty ones, since only names are compared.
"""

import enum
import importlib
import math
import pickle
import sys
import types
import zipfile
from pathlib import Path

import numpy
import torch
from safetensors import safe_open

ALIGNMENT = 64
LOCAL_HEADER = 30


class Stub:
    """Stands for a class that is not installed; remembers what it was made of."""

    def __new__(cls, *args, **kwargs):
        made = super().__new__(cls)
        made.made_of = args
        return made

    def __init__(self, *args, **kwargs):
        pass


class Unpickler(pickle.Unpickler):
    """Python's own, except that what cannot be imported becomes a Stub."""

    stubs: dict = {}

    def find_class(self, module, name):
        try:
            found = super().find_class(module, name)
        except (ImportError, AttributeError):
            found = self.stubs.setdefault((module, name), type(name, (Stub,), {"__module__": module}))
        # A value of an enum that this installation lacks would be refused; its class and value are what counts.
        if isinstance(found, type) and issubclass(found, enum.Enum):
            found = self.stubs.setdefault((module, name), type(name, (Stub,), {"__module__": module}))
        return found


PICKLE = types.SimpleNamespace(Unpickler=Unpickler, load=pickle.load, __name__="stubbing")


def foreign_globals(path: Path) -> list[str]:
    return torch.serialization.get_unsafe_globals_in_checkpoint(path)


def load(path: Path, mmap: bool):
    """With weights_only where every global is torch's own; files with other objects need the full unpickler anyway."""
    if not foreign_globals(path):
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    return torch.load(path, map_location="cpu", weights_only=False, mmap=mmap, pickle_module=PICKLE)


def same(a, b, at: str = "") -> str | None:
    """Where two values differ first, or None."""
    if isinstance(a, torch.Tensor) or isinstance(b, torch.Tensor):
        return None if same_tensor(a, b) else at or "the tensor"
    if isinstance(a, numpy.ndarray):
        equal = isinstance(b, numpy.ndarray) and a.dtype == b.dtype and a.tobytes() == b.tobytes()
        return None if equal else at
    if type(a) is not type(b):
        return f"{at}: {type(a).__name__} and {type(b).__name__}"
    if isinstance(a, dict):
        if list(a) != list(b):
            return f"keys of {at or 'the root'}"
        differences = (same(a[key], b[key], f"{at}/{key}") for key in a)
    elif isinstance(a, (list, tuple)):
        if len(a) != len(b):
            return f"length of {at}"
        differences = (same(x, y, f"{at}/{i}") for i, (x, y) in enumerate(zip(a, b)))
    elif isinstance(a, float):
        return None if a == b or (math.isnan(a) and math.isnan(b)) else at
    elif isinstance(a, (torch.TypedStorage, torch.UntypedStorage)):
        return None if list(a) == list(b) else at
    elif isinstance(a, (Stub, types.SimpleNamespace)) or type(a).__module__ == "argparse":
        differences = iter([same(vars(a), vars(b), f"{at}.")])
    else:
        return None if a == b else at
    return next((difference for difference in differences if difference), None)


def same_tensor(a, b) -> bool:
    if not isinstance(a, torch.Tensor) or not isinstance(b, torch.Tensor) or a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.is_quantized:
        return b.is_quantized and a.qscheme() == b.qscheme() and torch.equal(a.int_repr(), b.int_repr())
    raw = [bytes(x.detach().contiguous().reshape(-1).view(torch.uint8).numpy()) if x.numel() else b"" for x in (a, b)]
    return raw[0] == raw[1]


def check_archive(path: Path) -> str | None:
    with zipfile.ZipFile(path) as archive, open(path, "rb") as file:
        if (damaged := archive.testzip()) is not None:
            return f"the CRC of '{damaged}' is wrong"
        for record in archive.infolist():
            file.seek(record.header_offset + 26)
            lengths = file.read(4)
            begin = record.header_offset + LOCAL_HEADER
            begin += int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
            if begin % ALIGNMENT != 0:
                return f"'{record.filename}' begins at byte {begin}"
    return None


def check_torch(path: Path, original: Path | None) -> str | None:
    if problem := check_archive(path):
        return problem
    value = load(path, mmap=False)
    if difference := same(value, load(path, mmap=True)):
        return f"{difference} differs with mmap"
    if original and (difference := same(value, load(original, mmap=False))):
        return f"{difference} differs from the original"
    if original and (more := set(foreign_globals(path)) - set(foreign_globals(original))):
        return f"it names what the original does not: {', '.join(sorted(more))}"
    return None


def read_safetensors(path: Path):
    with safe_open(path, framework="pt") as file:
        return file.metadata(), {name: file.get_tensor(name) for name in sorted(file.keys())}


def check_safetensors(path: Path, original: Path | None) -> str | None:
    metadata, tensors = read_safetensors(path)
    if original:
        expected_metadata, expected = read_safetensors(original)
        # No metadata and empty metadata are one to recast.
        if (metadata or {}) != (expected_metadata or {}):
            return "its metadata differ from the original's"
        if difference := same(tensors, expected):
            return f"{difference} differs from the original"
    return None


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 2
    written = Path(arguments[0])
    originals = Path(arguments[1]) if len(arguments) == 2 else None
    checks = {".pt": check_torch, ".bin": check_torch, ".safetensors": check_safetensors}
    checked = failed = 0
    for path in sorted(written.rglob("*")):
        if path.suffix not in checks:
            continue
        try:
            original = originals / path.relative_to(written) if originals else None
            problem = checks[path.suffix](path, original)
        except Exception as error:  # whatever a loader raises is the finding
            problem = f"{type(error).__name__}: {error}"
        checked += 1
        if problem:
            failed += 1
            print(f"{path}: {problem}")
    print(f"{checked} files checked, {failed} failed")
    return 2 if checked == 0 else min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
