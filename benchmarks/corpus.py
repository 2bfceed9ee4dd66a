"""A corpus of any size, made by shuffling the paragraphs of real documents, the same for the same seed.

The paragraphs are those of the shipped pack's documents, of the unseen passages of the tests, and of the seeds where
`BIHUAN_SHARED` exists. Documents are about as long as a city's work report, and each begins with a title and a date.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT_BYTES = 40_000
SEED = 20240118


def sources() -> list[Path]:
    """Return the text files whose paragraphs are shuffled."""
    shared = Path(os.environ.get("BIHUAN_SHARED", ROOT.parent / "shared"))
    folders = [ROOT / "src/bihuan/packs/yangquan/documents", ROOT / "tests/read/exam", shared / "seeds"]
    return [path for folder in folders for path in sorted(folder.glob("*.txt"))]


def paragraphs() -> list[str]:
    """Return all paragraphs worth reading, in the order of the sources."""
    texts = [path.read_text(encoding="utf-8") for path in sources()]
    found = [line.strip() for text in texts for line in text.splitlines() if len(line.strip()) > 20]
    if not found:
        raise SystemExit("no document to make a corpus of: neither the pack nor BIHUAN_SHARED has one")
    return found


def documents(total_bytes: int) -> Iterator[str]:
    """Yield documents until their UTF-8 sizes reach `total_bytes`."""
    pool, rng = paragraphs(), random.Random(SEED)
    done = number = 0
    while done < total_bytes:
        number += 1
        document = _document(pool, rng, number)
        done += len(document.encode())
        yield document


def _document(pool: list[str], rng: random.Random, number: int) -> str:
    year = 2015 + number % 10
    lines = [f"{year}年工作情况报告之{number}", f"{year}年1月{1 + number % 28}日"]
    size = 0
    while size < DOCUMENT_BYTES:
        lines.append(rng.choice(pool))
        size += len(lines[-1].encode())
    return "\n".join(lines) + "\n"


def write(folder: Path, total_bytes: int) -> list[Path]:
    """Write a corpus as one file a document; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, text in enumerate(documents(total_bytes)):
        paths.append(folder / f"{number:05}.txt")
        paths[-1].write_text(text, encoding="utf-8")
    return paths
