"""What llama.cpp's `llama-quantize` has made of the invented files and the demo model.

    python -m tests.local_models.quantization.recorded LLAMA_QUANTIZE

records it anew. For each file and each type: the size of the whole file, and the types
of its tensors, layer by layer: `Q6_K*2 Q4_K` is Q6_K for the first two.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from parllama_nb.local_models.quantization import TYPES
from parllama_nb.local_models.quantization.source import read_source
from tests.local_models.quantization.demo import demo_f16
from tests.local_models.quantization.invented import INVENTED, write

__all__ = [
    "CRASHED",
    "DEMO",
    "RECORDED",
    "compact",
    "refusal",
    "their_file",
]

RECORDED = Path(__file__).with_name("llama_quantize.json")
DEMO = "SmolLM2 135M"
CRASHED = "crashed"


def compact(types: Mapping[str, str]) -> dict[str, str]:
    """Types by tensor, turned round: names by types; `#` is the number of a layer."""
    layers: dict[str, list[tuple[int, str]]] = {}
    for name, kind in types.items():
        number = re.search(r"\d+", name)
        row = layers.setdefault(re.sub(r"\d+", "#", name, count=1), [])
        row.append((int(number[0]) if number else 0, kind))
    names: dict[str, list[str]] = {}
    for name, row in layers.items():
        runs = itertools.groupby(kind for _, kind in sorted(row))
        each = ((kind, len([*run])) for kind, run in runs)
        line = " ".join(f"{kind}*{n}" if n > 1 else kind for kind, n in each)
        short = name.removesuffix(".weight").removeprefix("blk.")
        names.setdefault(line, []).append(short)
    return {line: " ".join(sorted(names[line])) for line in sorted(names)}


def their_file(program: str, source: Path, target: Path, file_type: str) -> str:
    """Have llama-quantize make a file; returns "" or why it did not."""
    target.unlink(missing_ok=True)
    done = subprocess.run(
        [program, source, target, file_type, "2"],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else refusal(done.stdout + done.stderr)


def refusal(printed: str) -> str:
    """The line in which llama-quantize says why it failed; `CRASHED` if it does not."""
    reasons = re.findall(r"failed to quantize: (.+)", printed)
    return reasons[0] if reasons else CRASHED


def _record(program: str, source: Path, own: str) -> dict[str, object]:
    """Have it make a file of each type but the source's own, which it only copies."""
    found: dict[str, object] = {}
    target = source.with_name("theirs.gguf")
    for file_type in TYPES.values():
        if file_type.needs_importance or file_type.name == own:
            continue
        reason = their_file(program, source, target, file_type.name)
        if reason == CRASHED:
            continue
        if reason:
            found[file_type.name] = reason
        else:
            made = read_source(target)
            types = {each.name: each.type.name for each in made.tensors}
            found[file_type.name] = [made.header.size, compact(types)]
    return found


def main() -> None:
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source.gguf")
        recorded = {}
        for name, model in INVENTED.items():
            recorded[name] = _record(program, write(source, model), model.kind.name)
        recorded[DEMO] = _record(program, demo_f16(Path(folder)), "F16")
    lines = [
        f" {json.dumps(name)}: {{\n"
        + ",\n".join(
            f"  {json.dumps(file_type)}: {json.dumps(found)}"
            for file_type, found in types.items()
        )
        + "\n }"
        for name, types in recorded.items()
    ]
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
