"""Measures, and says whether the targets are reached.

    python -m tests.bench [--only NAME] [--quick] [--json FILE]

Every number is the median of several runs, and stands beside a floor, or a peer, that
was measured in the same run. Nothing is asserted: a machine that is busy is slow.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import (
    attachments,
    background,
    belt,
    chat,
    describe,
    fifty,
    first_answer,
    first_providers,
    first_text,
    lab_settles,
    ledger,
    load_ext,
    local_models,
    machine,
    model_lists,
    models_view,
    panel,
    preview,
    prices,
    prompts,
    prompts_view,
    quantize,
    rows,
    scan,
    sessions,
    side_by_side,
    sizes,
    stop,
    transfer,
    upload,
    vault,
    vault_view,
    wire_bytes,
)
from .figures import HEADING, Figure, table
from .rig import ROOT, Rig


@dataclass(frozen=True)
class Bench:
    """Some figures of one thing; `measure` gives them."""

    name: str
    title: str
    measure: Callable[[Rig], Iterator[Figure]]


BENCHES = (
    Bench("load", "%load_ext over a bare kernel", load_ext.measure),
    Bench("first-answer", "First answer of a fresh kernel", first_answer.measure),
    Bench("first-providers", "First answer, by provider", first_providers.measure),
    Bench("first-text", "First text after the first token", first_text.measure),
    Bench("bytes", "Bytes on IOPub", wire_bytes.measure),
    Bench("lab", "JupyterLab, 4,000 tokens at 1,000/s", lab_settles.measure),
    Bench("panel", "The control panel's tabs in JupyterLab", panel.measure),
    Bench("attachments", "Images and documents with questions", attachments.measure),
    Bench("background", "Another cell while an answer streams", background.measure),
    Bench("stop", "Stop and interrupt", stop.measure),
    Bench("fifty", "50 answered cells in one page", fifty.measure),
    Bench("chat", "A chat of 1,000 turns", chat.measure),
    Bench("model-lists", "Lists of models", model_lists.measure),
    Bench("models-view", "500 local models in their view", models_view.measure),
    Bench("preview", "What is sent, before it is sent", preview.measure),
    Bench("prompts-view", "10,000 prompts in their view", prompts_view.measure),
    Bench("describe", "Values of the notebook, described", describe.measure),
    Bench("prices", "Prices of models", prices.measure),
    Bench("ledger", "The ledger of what was sent", ledger.measure),
    Bench("prompts", "The prompt library", prompts.measure),
    Bench("pulls", "Models on their way to Ollama", local_models.measure),
    Bench("quantize", "A model quantized", quantize.measure),
    Bench("rows", "pl.map over many rows", rows.measure),
    Bench("side-by-side", "Several models in one cell", side_by_side.measure),
    Bench("upload", "A gigabyte to a server of Ollama", upload.measure),
    Bench("belt", "The seat belt on outgoing messages", belt.measure),
    Bench("vault", "The vault beside its key derivation", vault.measure),
    Bench("vault-view", "The vault's view in JupyterLab", vault_view.measure),
    Bench("sessions", "Conversations saved, listed and searched", sessions.measure),
    Bench("scan", "Notebooks searched for secrets", scan.measure),
    Bench("transfer", "Conversations exported and imported", transfer.measure),
    Bench("sizes", "What a page loads", sizes.measure),
)


def main() -> int:
    """Run what is asked for; 1 where something could not be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=(__doc__ or "").partition("\n")[0],
        epilog="NAME is one of: " + ", ".join(bench.name for bench in BENCHES),
    )
    names = [bench.name for bench in BENCHES]
    parser.add_argument("--only", metavar="NAME", choices=names, action="append")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", default=ROOT / ".cache" / "bench.json"
    )
    given = parser.parse_args()

    begun = time.time()
    about = machine.describe()
    for name, value in about.items():
        print(f"{name:<11} {value}")
    print(f"\n{HEADING}")
    results, whole = [], True
    with Rig(quick=given.quick) as rig:
        for bench in BENCHES:
            if given.only and bench.name not in given.only:
                continue
            print(f"{bench.title}  [{bench.name}]", flush=True)
            result = _run(bench, rig)
            whole = whole and "error" not in result
            results.append(result)
    report = {
        "machine": about,
        "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begun)),
        "seconds": round(time.time() - begun, 1),
        "quick": given.quick,
        "benches": results,
    }
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(report, indent=1) + "\n")
    missed = [
        figure["what"].strip()
        for result in results
        for figure in result["figures"]
        if figure["reached"] is False
    ]
    print(f"\n{len(missed)} missed{': ' if missed else ''}{'; '.join(missed)}")
    print(f"{report['seconds']:.0f} s; all samples are in {given.json}")
    return 0 if whole else 1


def _run(bench: Bench, rig: Rig) -> dict[str, Any]:
    """The figures of a bench, printed as they come, and what went wrong if anything."""
    result: dict[str, Any] = {"name": bench.name, "title": bench.title, "figures": []}
    begun = time.monotonic()
    try:
        for figure in bench.measure(rig):
            result["figures"].append(figure.to_dict())
            print(table([figure]), flush=True)
    except Exception as error:  # noqa: BLE001 - the others are measured anyway
        traceback.print_exc(file=sys.stderr)
        result["error"] = f"{type(error).__name__}: {error}"
        print(f"    could not be measured: {type(error).__name__}")
    finally:
        rig.close_lab()
    result["seconds"] = round(time.monotonic() - begun, 1)
    return result


if __name__ == "__main__":
    sys.exit(main())
