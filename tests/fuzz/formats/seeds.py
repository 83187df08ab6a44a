"""Makes the seeds of corpus/: what was found later lies beside them."""

import argparse
import collections
import io
import json
import pickle
import zipfile
from pathlib import Path

HERE = Path(__file__).parent / "corpus"
FIXTURES = Path(__file__).parents[2] / "fixtures/formats"


class Point:
    def __init__(self):
        self.x, self.me = 1, self


def pickles():
    values = {
        "plain": {"a": [1, -2, 2**40, 2**80], "b": (0.5, None, True), "c": b"\x00\xff", "d": {1, 2}, "e": frozenset({3})},
        "shared": [[1]] * 3,
        "object": argparse.Namespace(x="größe", y=collections.OrderedDict(a=1), z=bytearray(b"ab"), p=Point()),
    }
    for name, value in values.items():
        for protocol in range(6):
            yield f"{name}-{protocol}", pickle.dumps(value, protocol=protocol)
    with zipfile.ZipFile(FIXTURES / "g1.pt") as archive:
        tensor = archive.read("archive/data.pkl")
    yield "tensor", tensor
    yield "empty-tensor", tensor.replace(b"X\x01\0\0\x000", b"X\x01\0\0\x001").replace(b"K\x06tQ", b"K\x00tQ").replace(b"K\x02K\x03\x86", b"K\x00K\x03\x86")
    yield "v3", tensor.replace(b"_v2", b"_v3").replace(b"ctorch\nFloatStorage", b"ctorch.storage\nUntypedStorage").replace(
        b"K\x06tQ", b"K\x18tQ").replace(b")RtR", b")Rctorch\nbfloat16\ntR")
    yield "storage", b"\x80\x02(X\x07\0\0\0storagectorch\nQInt8Storage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x18tQ."
    yield "parameter", tensor.replace(b"ctorch._utils\n", b"ctorch._utils\n_rebuild_parameter\nctorch._utils\n").replace(
        b"tRu.", b"tR\x89)\x87Ru.")
    yield "old", b"(dp0\nS'a'\nI01\nsV\\u00e9\nL12L\nsg0\n(icollections\nCounter\nF1.5\ns."


def zips():
    for name in ("g1.pt", "step.pt"):
        yield name, (FIXTURES / name).read_bytes()
    for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            archive.writestr("a/data.pkl", b"\x80\x02}.")
            archive.writestr("a/version", b"3\n")
        yield name, file.getvalue()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("a/data.pkl", "w", force_zip64=True) as record:
        record.write(b"\x80\x02N.")
    yield "zip64", file.getvalue()


def headers():
    tensor = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
    yield "one", {"w": tensor}
    yield "metadata", {"__metadata__": {"format": "pt"}, "w": tensor}
    yield "two", {"a": {**tensor, "shape": [2], "data_offsets": [8, 16]}, "b": {**tensor, "shape": [], "dtype": "I64", "data_offsets": [0, 8]}}
    yield "empty", {"e": {**tensor, "shape": [0], "data_offsets": [0, 0]}, "s": {**tensor, "shape": [], "data_offsets": [0, 4]}}
    yield "unknown", {"w": {"x": [{"y": [None]}], **tensor}}


def main() -> None:
    for folder, seeds in (
        ("pickle", pickles()),
        ("zip_directory", zips()),
        ("safetensors_header", ((name, json.dumps(value).encode() + b"  ") for name, value in headers())),
    ):
        (HERE / folder).mkdir(parents=True, exist_ok=True)
        for name, seed in seeds:
            (HERE / folder / name).write_bytes(seed)


if __name__ == "__main__":
    main()
