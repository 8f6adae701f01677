"""An Active Directory domain as its administrator meets it: users written over LDAPS, exports made by the real ldapsearch.

Owns: the client's side, with the server's certificate checked. Does not own: the server (`samba.py`).
Source: RFC 4511 (LDAP), RFC 4514 (names), MS-ADA1..3 (attributes), ldapsearch(1).
"""

from __future__ import annotations

import itertools
import re
import ssl
import subprocess
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import ldap3
from ldap3.core.exceptions import LDAPNoSuchObjectResult
from ldap3.utils.dn import escape_rdn

Value = str | bytes | Sequence[str] | None
"""What an attribute is to hold; None clears it."""

PEOPLE: Final = "(&(objectCategory=person)(objectClass=user))"
_ENABLED_UNPROTECTED: Final = "544"  # NORMAL_ACCOUNT and PASSWD_NOTREQD
_TREE_DELETE: Final = ("1.2.840.113556.1.4.805", True, None)


class ActiveDirectory:
    """One domain. Its users lie in folders (organizational units), so that tests do not meet each other's."""

    def __init__(self, ldaps_url: str, domain: str, ca_file: Path, admin_password: str) -> None:
        """Keep where and who; nothing is opened before `open`."""
        self.ldaps_url = ldaps_url
        self.domain = domain
        self.base_dn = ",".join(f"DC={label}" for label in domain.split("."))
        self.ca_file = ca_file
        self.admin_dn = f"CN=Administrator,CN=Users,{self.base_dn}"
        self.admin_password = admin_password
        self._numbers: Iterator[int] = itertools.count(1)
        self._connection: ldap3.Connection | None = None

    def open(self) -> None:
        """Bind as administrator; raises `LDAPException` when nobody answers or `ca_file` does not vouch for the server."""
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(self.ca_file))
        server = ldap3.Server(self.ldaps_url, tls=tls, get_info=ldap3.NONE)
        connection = ldap3.Connection(
            server,
            self.admin_dn,
            self.admin_password,
            raise_exceptions=True,
            auto_referrals=False,
            # Else an attribute that was asked for and is absent reads `[]`, as a cleared one does.
            return_empty_attributes=False,
        )
        with warnings.catch_warnings():
            # ldap3 2.9.1 takes the standard library's `match_hostname` where there still is one.
            warnings.simplefilter("ignore", DeprecationWarning)
            connection.open()
        connection.bind()
        self._connection = connection

    def close(self) -> None:
        """Leave the server."""
        if self._connection is not None:
            self._connection.unbind()
            self._connection = None

    @property
    def _bound(self) -> ldap3.Connection:
        assert self._connection is not None, "not open"
        return self._connection

    def add_folder(self, name: str) -> str:
        """Make an organizational unit below the domain and return its DN."""
        dn = f"OU={escape_rdn(name)},{self.base_dn}"
        self._bound.add(dn, "organizationalUnit")
        return dn

    def delete_folder(self, dn: str) -> None:
        """Delete an organizational unit with all that lies in it."""
        self._bound.delete(dn, controls=[_TREE_DELETE])

    def add_user(self, name: str, *, folder: str | None = None, **attributes: Value) -> str:
        """Make an enabled user without password and return its DN; `userPrincipalName` is made up unless it is given."""
        dn = f"CN={escape_rdn(name)},{folder or f'CN=Users,{self.base_dn}'}"
        account = f"user{next(self._numbers)}"
        wanted: dict[str, Value] = {
            "sAMAccountName": account,
            "userPrincipalName": f"{account}@{self.domain}",
            "userAccountControl": _ENABLED_UNPROTECTED,
        } | attributes
        self._bound.add(dn, "user", {attribute: value for attribute, value in wanted.items() if value is not None})
        return dn

    def modify(self, dn: str, changes: Mapping[str, Value]) -> None:
        """Replace attributes; None clears one."""
        self._bound.modify(dn, {attribute: [(ldap3.MODIFY_REPLACE, _values(value))] for attribute, value in changes.items()})

    def rename(self, dn: str, name: str) -> str:
        """Give an object another name in its place and return its new DN."""
        rdn = f"CN={escape_rdn(name)}"
        self._bound.modify_dn(dn, rdn)
        return f"{rdn},{_split(dn)[1]}"

    def move(self, dn: str, folder: str) -> str:
        """Move an object into another folder under its name and return its new DN."""
        rdn, _ = _split(dn)
        self._bound.modify_dn(dn, rdn, new_superior=folder)
        return f"{rdn},{folder}"

    def delete(self, dn: str) -> None:
        """Delete one object."""
        self._bound.delete(dn)

    def read(self, dn: str, *attributes: str) -> dict[str, list[bytes]]:
        """Return the raw values of these attributes as far as the object has them; nothing when there is no such object."""
        try:
            self._bound.search(dn, "(objectClass=*)", ldap3.BASE, attributes=list(attributes))
        except LDAPNoSuchObjectResult:
            return {}
        assert self._bound.response is not None
        return dict(self._bound.response[0]["raw_attributes"])

    def object_guid(self, dn: str) -> bytes:
        """Return the 16 bytes that name an object for good."""
        [guid] = self.read(dn, "objectGUID")["objectGUID"]
        return guid

    def export(
        self, path: Path, *attributes: str, base: str | None = None, query: str = PEOPLE, extra_args: Sequence[str] = ()
    ) -> Path:
        """Write what `ldapsearch` prints into a file: lines folded as it does by default, comments unless `-LLL` is given."""
        where = ["-x", "-H", self.ldaps_url, "-D", self.admin_dn, "-w", self.admin_password, "-b", base or self.base_dn]
        # Nobody's ldap.conf or .ldaprc has a say.
        environment = {"LDAPTLS_CACERT": str(self.ca_file), "LDAPTLS_REQCERT": "demand", "LDAPCONF": "/dev/null"}
        command = ["/usr/bin/ldapsearch", *where, *extra_args, query, *attributes]
        with path.open("wb") as file:
            subprocess.run(command, stdout=file, env=environment, cwd=path.parent, check=True)
        return path


def _values(value: Value) -> list[str | bytes]:
    if value is None:
        return []
    return [value] if isinstance(value, str | bytes) else list(value)


def _split(dn: str) -> tuple[str, str]:
    """Split a DN at its first comma that is not part of a name; ldap3's own parser refuses names that RFC 4514 allows."""
    rdn = re.match(r"(?:\\.|[^,\\])*", dn)
    assert rdn is not None
    return rdn[0], dn[rdn.end() + 1 :]
