"""A network that takes minutes to solve to its optimum, but has a plan within seconds."""

from __future__ import annotations

from pathlib import Path


def write_hard(folder: Path) -> Path:
    """Units that start and stop over hundreds of hours: minutes of work, a plan within seconds."""
    hours, units = range(400), range(60)
    rows = "\n".join(f"{h},{900 + 400 * ((h * 7919) % 97) / 97:.3f}" for h in hours)
    (folder / "snapshots.csv").write_text("snapshot\n" + "\n".join(map(str, hours)) + "\n")
    (folder / "buses.csv").write_text("name\ntown\n")
    (folder / "loads.csv").write_text("name,bus\nload,town\n")
    (folder / "loads-p_set.csv").write_text("snapshot,load\n" + rows + "\n")
    head = "name,bus,p_nom,p_min_pu,marginal_cost,start_up_cost,min_up_time,min_down_time,committable,up_time_before\n"
    body = "".join(
        f"u{u},town,{25 + (u * 31) % 17},0.{40 + (u * 13) % 30},{20 + (u * 17) % 23 / 10},{300 + (u * 71) % 90},"
        f"{3 + u % 9},{3 + u % 7},True,0\n"
        for u in units
    )
    (folder / "generators.csv").write_text(head + body + "dear,town,5000,0,500,0,0,0,False,0\n")
    return folder
