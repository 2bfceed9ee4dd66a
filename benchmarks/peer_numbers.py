"""The peers of `read_throughput`, run by the interpreter of their own environment (`make bench-peers`).

Reads lines of text from standard input, prints one JSON object: seconds and findings of each peer, and the versions.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib import metadata

warnings.simplefilter("ignore")


def recognizers() -> Callable[[str], int]:
    """Return recognizers-text for Chinese: number, percentage, currency, unit."""
    from recognizers_number import NumberRecognizer
    from recognizers_number_with_unit import NumberWithUnitRecognizer
    from recognizers_text import Culture

    number, unit = NumberRecognizer(Culture.Chinese), NumberWithUnitRecognizer(Culture.Chinese)
    models = [
        number.get_number_model(),
        number.get_percentage_model(),
        unit.get_currency_model(),
        unit.get_dimension_model(),
    ]
    return lambda line: sum(len(model.parse(line)) for model in models)


def jionlp_money() -> Callable[[str], int]:
    """Return jionlp's extraction of sums of money."""
    import jionlp

    return lambda line: len(jionlp.ner.extract_money(line))


def measure(find: Callable[[str], int], texts: list[str]) -> dict[str, float]:
    """Return how long `find` takes over all texts, after a short one to warm up."""
    find("增长5.2%，完成12亿元。")
    start = time.perf_counter()
    found = sum(find(text) for text in texts)
    return {"seconds": time.perf_counter() - start, "found": found}


def main() -> None:
    """Measure both peers on standard input, paragraph by paragraph and as one text."""
    out, sys.stdout = sys.stdout, sys.stderr  # jionlp greets on import
    text = sys.stdin.read()
    paragraphs = [line for line in text.splitlines() if line.strip()]
    versions = {name: metadata.version(name) for name in ("recognizers-text-suite", "jionlp", "emoji")}
    answer: dict[str, object] = {"versions": versions}
    for name, find in (("recognizers-text", recognizers()), ("jionlp money", jionlp_money())):
        answer[f"{name}, by paragraph"] = measure(find, paragraphs)
        answer[f"{name}, whole text"] = measure(find, [text])
    json.dump(answer, out)


if __name__ == "__main__":
    main()
