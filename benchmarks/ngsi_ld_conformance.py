"""Cases of the ETSI NGSI-LD conformance suite that pass, by family, beside what is asked.

    python benchmarks/ngsi_ld_conformance.py CHECKOUT --robot VENV/bin/robot [--family temporal]

CHECKOUT is a checkout of the suite, VENV has its requirements; neither is part of bihuan. A server of its own is started
on an empty database. Nothing is fetched: the contexts that the suite names are those of the checkout, and the one it names
under another address is taken for its compound context. The suite has histories of twenty instances and expects them in
parts (206), so the server is told to answer with ten of an attribute at most, as `bihuan up --ngsi-ld-instances 10` does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from bihuan.show.app import create_app
from bihuan.show.server import free_port, serve
from bihuan.show.settings import Settings
from bihuan.store import ngsi_ld
from bihuan.store.connect import Store, open_store
from bihuan.store.packs import load_pack

BASE = "TP/NGSI-LD/ContextInformation"
FAMILIES = {
    "provision": (90, ["Provision/Entities", "Provision/EntityAttributes", "Provision/BatchEntities"]),
    "consumption": (90, ["Consumption/Entity", "Consumption/Discovery"]),
    "subscriptions": (80, ["Subscription"]),
    "temporal": (75, ["Consumption/TemporalEntity", "Provision/TemporalEntity", "Provision/TemporalEntityAttributes"]),
}
"""Per cent asked, and folders of the suite."""
_CONTEXTS = "https://raw.githubusercontent.com/marek-mraz/ngsi-ld-test-suite/main/resources/jsonld-contexts/"
_ELSEWHERE = (
    "https://easy-global-market.github.io/ngsild-api-data-models/ngsildTestSuite/ngsildTestSuiteV1.8-compound.jsonld"
)
_INSTANCES = 10
"""Of an attribute in one answer; the suite expects a history of twenty in parts."""
_CORE = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld"


def keep_contexts(store: Store, checkout: Path) -> None:
    """Keep the contexts of the suite under the addresses by which it names them."""
    with store.connection() as connection:
        for file in sorted((checkout / "resources/jsonld-contexts").glob("*.jsonld")):
            body = json.loads(file.read_text(encoding="utf-8"))
            urls = [_CONTEXTS + file.name] + ([_ELSEWHERE] if "compound" in file.name else [])
            for number, url in enumerate(urls):
                ngsi_ld.keep_context(connection, f"{file.stem}-{number}", url, "Cached", body, at=store.clock())


def run_family(robot: Path, checkout: Path, folders: list[str], port: int, out: Path) -> tuple[int, int]:
    """Run the cases of a family; return how many passed and how many there are."""
    url = f"http://127.0.0.1:{port}/ngsi-ld/v1"
    hosts = ("notification_server_host", "context_source_host", "context_server_host", "mqtt_broker_host")
    variables = [
        f"url:{url}",
        f"temporal_api_url:{url}",
        f"core_context:{_CORE}",
        *(f"{one}:127.0.0.1" for one in hosts),
    ]
    command = [str(robot), "--outputdir", str(out), "--log", "NONE", "--report", "NONE", "--console", "none"]
    command += [word for one in variables for word in ("--variable", one)]
    path = str(checkout / "libraries/robotframework-httpctrl/src")
    subprocess.run(
        [*command, *(f"{BASE}/{folder}" for folder in folders)],
        cwd=checkout, env=os.environ | {"PYTHONPATH": path}, check=False, timeout=3600, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    states = [test.find("status") for test in ElementTree.parse(out / "output.xml").iter("test")]
    return sum(one is not None and one.get("status") == "PASS" for one in states), len(states)


def measure(arguments: argparse.Namespace, port: int, stop: Callable[[], None]) -> None:
    """Run the families and print a line for each."""
    try:
        for name in arguments.family or FAMILIES:
            asked, folders = FAMILIES[name]
            with tempfile.TemporaryDirectory() as out:
                passed, cases = run_family(arguments.robot, arguments.checkout, folders, port, Path(out))
            print(f"{name}\t{passed}/{cases}\t{100 * passed / cases:.1f} %\tasked {asked} %", flush=True)
    finally:
        stop()


def main() -> int:
    """Start a server on an empty database and measure it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--robot", type=Path, required=True)
    parser.add_argument("--family", action="append", choices=FAMILIES)
    arguments = parser.parse_args()
    port = free_port("127.0.0.1", 8190)
    arguments.checkout, arguments.robot = arguments.checkout.resolve(), arguments.robot.absolute()
    settings = Settings(port=port, ngsi_ld_instances=_INSTANCES)
    print(f"bihuan {version('bihuan')}, granian {version('granian')}, psycopg {version('psycopg')}", flush=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["BIHUAN_HOME"] = home
        with open_store(home=Path(home)) as store:
            keep_contexts(store, arguments.checkout.resolve())
            serve(
                create_app(store, settings, load_pack("yangquan")), settings,
                lambda stop: threading.Thread(target=measure, args=(arguments, port, stop)).start(),
            )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
