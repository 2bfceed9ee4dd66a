"""`bihuan account`: accounts, API keys, and the key of personal data. For who runs the installation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bihuan.cli.options import PackOption
from bihuan.cli.signed_in import casework

app = typer.Typer(help="Accounts, API keys, the key of personal data.", no_args_is_help=True)
keys = typer.Typer(help="The key that seals personal data.", no_args_is_help=True)
api_keys = typer.Typer(help="Keys of programs.", no_args_is_help=True)
app.add_typer(keys, name="key")
app.add_typer(api_keys, name="api-key")
ACTOR = "operator"
"""Who works on the command line with access to the data folder."""
SCOPE = typer.Option("own", help="own, subtree or city: whose cases it sees.")
ROLES = typer.Option(..., "--role", help="Account role (repeat for more), such as handler, supervisor, dispatcher.")


Login = Annotated[str, typer.Argument(help="Login of the account.")]


@app.command()
def add(
    login: str = typer.Argument(..., help="2 to 40 of a–z, 0–9, dot, hyphen, underscore."),
    name: str = typer.Option(..., help="Name shown to others."),
    unit: str | None = typer.Option(None, help="Unit of the organisation tree, by name or identifier."),
    role: list[str] = ROLES,
    scope: str = SCOPE,
    pack: PackOption = None,
) -> None:
    """Create an account and print its one-time password.

    Example: bihuan account add wang --name 王科长 --unit 市生态环境局 --role handler
    """
    from bihuan.act import accounts

    with casework(pack) as (store, engine), store.connection() as connection:
        new = accounts.NewAccount(login, name, unit, tuple(role), _scope(scope))
        roles = accounts.known_roles(engine.types)
        print(accounts.create(connection, new, engine.units, roles, actor=ACTOR, now=store.clock()))


@app.command("list")
def list_accounts(
    pack: PackOption = None, as_json: bool = typer.Option(False, "--json", help="One JSON object.")
) -> None:
    """List accounts with their roles, and whether they are disabled.

    Example: bihuan account list --json
    """
    from bihuan.store import accounts

    with casework(pack) as (store, _), store.connection() as connection:
        found = accounts.listed(connection)
    if as_json:
        names = ("id", "login", "name", "unit", "scope", "demo", "must_change")
        told = [
            {**{n: getattr(a, n) for n in names}, "roles": list(a.roles), "disabled": a.disabled_at is not None}
            for a in found
        ]
        print(json.dumps({"accounts": told}, ensure_ascii=False))
        return
    for account in found:
        state = "disabled" if account.disabled_at else "demo" if account.demo else ""
        print(
            f"{account.login}\t{account.name}\t{account.unit or '—'}\t{','.join(account.roles)}\t{account.scope}\t{state}"
        )


@app.command()
def reset(login: Login, pack: PackOption = None) -> None:
    """Give an account a new one-time password and print it; its sessions end.

    Example: bihuan account reset li.ming
    """
    from bihuan.act import accounts

    with casework(pack) as (store, _), store.connection() as connection:
        print(accounts.reset_password(connection, login, actor=ACTOR, now=store.clock()))


@app.command()
def disable(login: Login, pack: PackOption = None) -> None:
    """Disable an account; its sessions end.

    Example: bihuan account disable li.ming
    """
    _set_disabled(login, True, pack)


@app.command()
def enable(login: Login, pack: PackOption = None) -> None:
    """Enable an account again.

    Example: bihuan account enable li.ming
    """
    _set_disabled(login, False, pack)


def _set_disabled(login: str, disabled: bool, pack: str | None) -> None:
    from bihuan.act import accounts

    with casework(pack) as (store, _), store.connection() as connection:
        accounts.set_disabled(connection, login, disabled, actor=ACTOR, now=store.clock())


@keys.command("new")
def new_key(
    file: Path = typer.Argument(..., help="File to write; it must not exist."),
    algorithm: str = typer.Option("aes", help="aes (AES-256-GCM) or sm4 (SM4-GCM)."),
) -> None:
    """Write a fresh key for personal data. Name the file in BIHUAN_KEY_FILE, and keep a copy apart from the backups.

    Example: bihuan account key new /etc/bihuan/personal.key
    """
    from bihuan.act.personal import new_key_file
    from bihuan.core.errors import InputError

    if algorithm not in ("aes", "sm4"):
        raise InputError(f"'{algorithm}' is none of aes, sm4", where="--algorithm")
    new_key_file(file, "aes" if algorithm == "aes" else "sm4")
    print(f"export BIHUAN_KEY_FILE={file}")


@api_keys.command("create")
def create_api_key(
    name: str = typer.Argument(..., help="What it is for."),
    grant: list[str] = typer.Option(..., help="read, write or open311 (repeat for more)."),
    unit: str | None = typer.Option(None, help="Unit it speaks for."),
    role: list[str] = ROLES,
    scope: str = SCOPE,
    pack: PackOption = None,
) -> None:
    """Create an API key and print it, once.

    Example: bihuan account api-key create FixMyStreet --grant open311 --role reporter --scope public
    """
    from bihuan.act import accounts

    with casework(pack) as (store, engine), store.connection() as connection:
        print(
            accounts.create_key(
                connection, name, unit, role, _scope(scope), grant, engine.units,  # type: ignore[arg-type]
                actor=ACTOR, now=store.clock(),
            )
        )  # fmt: skip


@api_keys.command("list")
def list_api_keys(pack: PackOption = None) -> None:
    """List API keys; the keys themselves are kept nowhere.

    Example: bihuan account api-key list
    """
    from bihuan.store import accounts

    with casework(pack) as (store, _), store.connection() as connection:
        for key in accounts.keys(connection):
            state = "revoked" if key.revoked_at else ""
            print(f"{key.id}\t{key.name}\t{key.unit or '—'}\t{','.join(key.grants)}\t{key.scope}\t{state}")


@api_keys.command("revoke")
def revoke_api_key(key_id: int = typer.Argument(..., help="Number of the key."), pack: PackOption = None) -> None:
    """Revoke an API key, by the number that `list` shows.

    Example: bihuan account api-key revoke 3
    """
    from bihuan.act import accounts

    with casework(pack) as (store, _), store.connection() as connection:
        accounts.revoke_key(connection, key_id, actor=ACTOR, now=store.clock())


def _scope(text: str):  # type: ignore[no-untyped-def]  # a Scope, imported only when it runs
    from typing import get_args

    from bihuan.core.errors import InputError
    from bihuan.core.records.principal import Scope

    if text not in get_args(Scope):
        raise InputError(f"'{text}' is none of {', '.join(get_args(Scope))}", where="--scope")
    return text
