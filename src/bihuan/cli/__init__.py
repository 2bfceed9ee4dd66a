"""One command, `bihuan`: a thin skin over the engines. Data on stdout, everything else on stderr.

Exit codes: 0 done; 1 some input refused, named on stderr, the rest done; 2 wrong usage or unreadable input.
Each module here holds one command or one family of them; it imports its engine only when it runs, so that
`bihuan --help` and `bihuan read` start fast.
"""

from __future__ import annotations

import sys

import typer

from bihuan import __version__
from bihuan.cli.account import app as _account
from bihuan.cli.act import app as _act
from bihuan.cli.audit import app as _audit
from bihuan.cli.backup import backup as _backup
from bihuan.cli.backup import restore as _restore
from bihuan.cli.demo import demo as _demo
from bihuan.cli.doctor import doctor as _doctor
from bihuan.cli.ledger import app as _ledger
from bihuan.cli.pack import app as _pack
from bihuan.cli.plan_studies import app as _plan
from bihuan.cli.read import read as _read
from bihuan.cli.sense import app as _sense
from bihuan.cli.serve import up as _up
from bihuan.core.errors import BihuanError, InputError

app = typer.Typer(
    name="bihuan",
    help="bihuan 闭环: from what a city promises to what a city does, one closed loop.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version.", callback=_print_version, is_eager=True),
) -> None: ...


app.command("read")(_read)
app.command("up")(_up)
app.command("demo")(_demo)
app.add_typer(_ledger, name="ledger")
app.add_typer(_audit, name="audit")
app.add_typer(_act, name="act")
app.add_typer(_account, name="account")
app.add_typer(_plan, name="plan")
app.add_typer(_sense, name="sense")
app.add_typer(_pack, name="pack")
app.command("backup")(_backup)
app.command("restore")(_restore)
app.command("doctor")(_doctor)


def main() -> None:
    """Run the command line; our own errors become one line on stderr and an exit code, never a traceback."""
    try:
        app()
    except BihuanError as error:
        print(f"bihuan: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, InputError) else 1)
