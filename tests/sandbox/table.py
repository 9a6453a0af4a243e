"""Try every attack in every setting and write the table into docs/containment.md: `python -m tests.sandbox.table`."""

from __future__ import annotations

import subprocess
import sys

import msgspec
from tabulate import tabulate

from tests.sandbox.settings import SETTINGS, Setting
from tests.sandbox.station import ROOT, Report, attacks

PAGE = ROOT / "docs" / "containment.md"
BEGIN, END = "<!-- attacks: written by `make containment` -->\n", "<!-- end of attacks -->\n"
FIRST = "attack"


def main() -> None:
    """Write it. A breach is written down like anything else, and ends in exit status 1."""
    reports = [tried(setting) for setting in SETTINGS]
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{_table(reports)}\n\n{END}{after}", "utf-8")
    breaches = [one for report in reports for one in report.tried if _amiss(one.attack, report)]
    print(f"{len(attacks())} attacks in {len(SETTINGS)} settings: {len(breaches)} breaches")
    sys.exit(bool(breaches))


def tried(setting: Setting, *names: str, unheld: bool = False, through: str = "") -> Report:
    """Return what came of every attack there, or of some. Raises CalledProcessError where the station itself failed.

    Where nothing holds them none is tried, unless `unheld`. `through` names the dialect that they are tried through.
    """
    options = ["--unheld"] * unheld + [f"--through={through}"] * bool(through)
    station = [sys.executable, "-m", "tests.sandbox.station", ",".join(setting.skip), *options, *names]
    command = setting.command(station)
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(ran.stdout, type=Report)


def rows(page: str) -> dict[str, list[str]]:
    """Read the table back: attack -> its outcome in every setting."""
    inside = page.partition(BEGIN)[2].partition(END)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in inside.splitlines() if "|" in line]
    return {row[0]: row[1:] for row in cells if row[0] != FIRST and not row[0].startswith((":", "-"))}


def _table(reports: list[Report]) -> str:
    lines = []
    for i, attack in enumerate(attacks()):
        cells = [_cell(report, i) for report in reports]
        lines.append([attack.partition("/")[2], *cells])
    heads = [FIRST, *(setting.name for setting in SETTINGS)]
    return tabulate(sorted(lines), heads, tablefmt="github", disable_numparse=True)


def _cell(report: Report, i: int) -> str:
    if not report.tried:
        return f"not tried: tier {report.tier}"
    one = report.tried[i]
    return f"BREACH: {'; '.join(one.breaches)}" if one.breaches else one.verdict.replace("-", " ")


def _amiss(attack: str, report: Report) -> bool:
    one = next(one for one in report.tried if one.attack == attack)
    return bool(one.breaches) or attack.partition("/")[0] != one.verdict


if __name__ == "__main__":
    main()
