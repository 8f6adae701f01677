"""The whole story in one screen: a small invented company goes through its transition, from import to report.

Every step is a real command of `ringfence`, run as a program on a database of its own under `var/demo`; the one before is kept
as `var/demo.previous`. Run by `./dev run`.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from ringfence.demo.demonstration import is_loopback
from ringfence.settings import export

EXAMPLES: Final = Path(__file__).parents[3] / "examples" / "contoso"
TENANT: Final = "contoso.example"
PERMISSIONS: Final = ("User.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All", "Mfa.Challenge")
MOBILE: Final = "3179e48a-750b-4051-897c-87b9720928f7"
"""Every user's mobile phone method."""
SENDERS: Final = '[senders.phones]\nkind = "phone-board"\n'
"""All texts and calls go to the board."""


class Step(NamedTuple):
    """One command with the sentence that leads to it."""

    says: str
    command: tuple[str, ...]


def steps(examples: Path, today: datetime) -> list[Step]:
    """The story: the window began yesterday and lasts 90 days."""
    start, end = today - timedelta(days=1), today + timedelta(days=89)
    directory = [str(examples / name) for name in ("1-directory.ldif", "2-cloud-users.jsonl")]
    window = ("--start", f"{start:%Y-%m-%d}", "--end", f"{end:%Y-%m-%d}")
    return [
        Step(
            "A tenant of its own, with a key for the numbers. Texts and calls may go to its country.", ("init", "--country", "US")
        ),
        Step("And to Britain and Spain.", ("telephony", "allow", "44", "34")),
        Step(
            "What Active Directory knows: public numbers. And who lives in the cloud alone.", ("import", "directory", *directory)
        ),
        Step(
            "Who uses which MFA method, and private numbers.",
            ("import", "mfa", str(examples / "3-strong-authentication.csv")),
        ),
        Step("Sam has a passkey and Tina an app.", ("import", "mfa", str(examples / "3-registered-methods.json"))),
        Step("The transition begins.", ("transition", "open", *window)),
        Step("What would a copy do, to whom, and why?", ("numbers", "plan")),
        Step("Do it. Nobody's phone rings, and nobody is rung at another number than before.", ("numbers", "copy")),
        Step("The directory changes.", ("import", "directory", str(examples / "4-changes.ldif"), "--dry-run")),
        Step("Mirrored in the same breath.", ("import", "directory", str(examples / "4-changes.ldif"))),
        Step("The day after.", ("import", "directory", str(examples / "5-more-changes.ldif"))),
        Step("Which number does the service ring for Sam, and why?", ("numbers", "explain", f"sam@{TENANT}")),
        Step("How things stand.", ("numbers", "report")),
    ]


def play(folder: Path, examples: Path, today: datetime) -> int:
    """Play the story on a fresh database in `folder`; return the exit code of the first step that fails, else 0."""
    _make_room(folder)
    place = ("--database", str(folder / "ringfence.db"), "--key-file", str(folder / "ringfence.key"), "--tenant", TENANT)
    program = (sys.executable, "-m", "ringfence", *place)
    for step in steps(examples, today):
        sys.stdout.write(f"\n# {step.says}\n$ ringfence {shlex.join(_shown(step.command))}\n")
        sys.stdout.flush()
        finished = subprocess.run([*program, *step.command], check=False)  # noqa: S603 - our own program
        if finished.returncode:
            return finished.returncode
    go_on(folder, examples)
    return 0


def _shown(command: Sequence[str]) -> list[str]:
    """The command as a person would type it from here."""
    here = f"{Path.cwd()}/"
    return [word.removeprefix(here) for word in command]


def _make_room(folder: Path) -> None:
    if folder.exists():
        previous = folder.with_name(f"{folder.name}.previous")
        shutil.rmtree(previous, ignore_errors=True)
        folder.rename(previous)
    folder.mkdir(parents=True)


def go_on(folder: Path, examples: Path) -> None:
    """Propose what to type next, on the story's data."""
    after = examples / "6-after-the-end.ldif"
    where = os.path.relpath(folder)
    program = os.path.relpath(Path(sys.executable).with_name("ringfence"))
    sys.stdout.write(
        "\nThat is the whole story. To go on from here, on the same data:\n\n"
        f"  export RINGFENCE_DATABASE={where}/ringfence.db RINGFENCE_KEY_FILE={where}/ringfence.key\n"
        f"  {program} numbers explain tina@{TENANT}\n"
        f'  {program} phone set nora@{TENANT} mobile "+1 4255550105"\n'
        f"  {program} numbers plan --users plan.csv\n"
        f"  {program} transition close\n"
        f"  {program} import directory {_shown([str(after)])[0]} --dry-run\n"
        f"  {program} --help\n"
    )


def serve(folder: Path, listen: str) -> int:
    """Serve the story's data until Ctrl-C, with commands to try it; return the server's exit code."""
    place = ("--database", str(folder / "ringfence.db"), "--key-file", str(folder / "ringfence.key"), "--tenant", TENANT)
    program = (sys.executable, "-m", "ringfence", *place)
    asked = [word for name in PERMISSIONS for word in ("--permission", name)]
    made = subprocess.run([*program, "app", "create", "try-it", *asked], check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    if made.returncode:
        return made.returncode
    has_phones = is_loopback(listen.rpartition(":")[0].strip("[]"))
    if has_phones:
        senders = folder / "senders.toml"
        senders.write_text(SENDERS, "utf-8")
        export({"RINGFENCE_DEMO": "true", "RINGFENCE_SENDERS": str(senders)})
    _propose(os.path.relpath(folder), listen, has_phones=has_phones)
    with subprocess.Popen([*program, "serve", "--listen", listen]) as server:  # noqa: S603 - our own program
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:  # it was told too, and lets running requests finish
                continue


def _propose(where: str, listen: str, *, has_phones: bool) -> None:
    """Say what to type while the server is up, and how to start it another time."""
    command = os.path.relpath(Path(sys.executable).with_name("ringfence"))
    place = f"--database {where}/ringfence.db --key-file {where}/ringfence.key"
    root = f"https://localhost:{listen.rpartition(':')[2]}"
    curl = f'curl --cacert {where}/tls/ca.pem -H "Authorization: Bearer $TOKEN"'
    sam = f"{root}/v1.0/users/sam@{TENANT}"
    sys.stdout.write(
        f"\nThe Graph API is up at {root} (Ctrl-C ends it). In another terminal:\n\n"
        f"  TOKEN=$({command} {place} token --app try-it)\n"
        f"  {curl} '{root}/v1.0/users?$select=userPrincipalName,mobilePhone'\n"
        f"  {curl} {sam}/authentication/methods\n"
        f"  {curl} -X PATCH -H 'Content-Type: application/json' \\\n"
        f'      -d \'{{"phoneNumber": "+44 7700900123"}}\' {sam}/authentication/phoneMethods/{MOBILE}\n'
    )
    if has_phones:
        _propose_phones(curl, root)
    setting = f"RINGFENCE_DEMO=true RINGFENCE_SENDERS={where}/senders.toml " if has_phones else ""
    sys.stdout.write(
        "\nTo serve the same data another time (./dev run plays the story anew, and keeps the one before in "
        f"{where}.previous):\n\n"
        f"  {setting}{command} {place} serve --listen {listen}\n"
    )
    sys.stdout.flush()


def _propose_phones(curl: str, root: str) -> None:
    """Say how to send a text and to make a phone ring: Tina is texted, Sam is called."""
    challenges = f"{root}/mfa/v1/challenges"
    found = 'sed \'s/.*"id":"\\([^"]*\\).*/\\1/\''
    ask = f"{curl} -H 'Content-Type: application/json'"

    def asking(name: str, method: str) -> str:
        body = f'{{"user": "{name}@{TENANT}", "purpose": "pay", "method": "{method}"}}'
        return f"  ID=$({ask} \\\n      -d '{body}' {challenges} | {found})\n"

    sys.stdout.write(
        f"\nThe company's phones are at {root}/demo/phones (a browser asks whether to trust the demo's certificate).\n"
        "Text Tina a code and answer with it; then call Sam, answer the phone, press #, and look what came of it:\n\n"
        f"{asking('tina', 'sms')}"
        f'  {ask} -d \'{{"code": "CODE"}}\' {challenges}/$ID/answer\n'
        f"{asking('sam', 'voiceMobile')}"
        f"  {curl} {challenges}/$ID\n"
    )


def main() -> None:
    """Run the story from the command line."""
    parser = argparse.ArgumentParser(prog="./dev run", description="Play the example company, and serve its API.")
    parser.add_argument("--folder", type=Path, default=Path("var/demo"), help="where its database goes (default: var/demo)")
    parser.add_argument("--listen", default="127.0.0.1:8443", help="where the API is served in the end (default: %(default)s)")
    parser.add_argument("--no-serve", action="store_true", help="end after the story, without serving the API")
    options = parser.parse_args()
    if not EXAMPLES.is_dir():
        parser.exit(2, "The example company lies in examples/ of the source tree: run this from a clone, as ./dev run.\n")
    folder = options.folder.absolute()
    code = play(folder, EXAMPLES, datetime.now(UTC))
    sys.exit(code if code or options.no_serve else serve(folder, options.listen))


if __name__ == "__main__":
    main()
