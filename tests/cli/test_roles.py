"""`ringfence role list|assign|revoke`."""

from __future__ import annotations

import pytest

from ringfence.domain.policy.roles import DirectoryRole
from tests.cli.conftest import At

_KIM = "kim@contoso.example"
_READER = DirectoryRole.GLOBAL_READER


def test_the_roles_there_are_can_be_listed(at: At) -> None:
    """With Entra's titles and template ids."""
    roles = at("initialised").json("role", "list", "--available")["roles"]
    assert [(role.title, role.template_id) for role in DirectoryRole] == [(one["role"], one["templateId"]) for one in roles]


@pytest.mark.parametrize("name", ["Global Reader", "global-reader", "GLOBAL_READER", _READER.template_id])
def test_a_role_has_many_names(name: str, at: At) -> None:
    """Title, short name, template id."""
    assert ("Global Reader", True) == tuple(at("imported").json("role", "assign", name, _KIM)[key] for key in ("role", "changed"))


def test_a_role_is_held_until_it_is_taken(at: At) -> None:
    """Each step said once; a second time changes nothing."""
    cli = at("imported")
    assert [
        f"{_KIM} has the role Global Reader now.\n",
        f"{_KIM} had the role Global Reader already.\n",
        f"{_KIM} no longer has the role Global Reader.\n",
        f"{_KIM} did not have the role Global Reader before.\n",
        "Nobody has a role.\n",
    ] == [
        *(cli.done("role", verb, "global-reader", _KIM) for verb in ("assign", "assign", "revoke", "revoke")),
        cli.done("role", "list"),
    ]


def test_an_application_may_have_a_role(at: At) -> None:
    """By name or id; listed by its name."""
    cli = at("imported")
    made = cli.json("app", "create", "scripts")
    cli.done("role", "assign", "global-reader", "scripts")
    assert False is cli.json("role", "assign", "global-reader", made["appId"])["changed"]
    assert [
        {"role": "Global Reader", "templateId": _READER.template_id, "holder": "scripts", "holderId": made["objectId"]}
    ] == cli.json("role", "list")["assignments"]


@pytest.mark.parametrize("verb", ["assign", "revoke"])
@pytest.mark.parametrize(
    ("role", "holder", "says"),
    [
        ("emperor", _KIM, "There is no directory role emperor. Known: Application Administrator, "),
        ("global-reader", "nobody", "There is no user nobody."),
    ],
    ids=["role", "holder"],
)
def test_unknown_names_are_told(verb: str, role: str, holder: str, says: str, at: At) -> None:
    """Exit 2."""
    answer = at("imported")("role", verb, role, holder)
    assert (2, "", True) == (answer.code, answer.out, says in answer.err)
