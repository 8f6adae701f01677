"""Make the databases of a new Active Directory domain; a script for the system's Python, which has python3-samba.

Owns: the call that fills them. Does not own: smb.conf (`samba.py` writes it), nor the server.
Usage: samba_provision.py SMB_CONF ADDRESS ADMIN_PASSWORD. Realm, names and every folder are those of SMB_CONF.
"""

from __future__ import annotations

import logging
import sys

from samba import dsdb  # type: ignore[import-not-found]
from samba.auth import system_session  # type: ignore[import-not-found]
from samba.param import LoadParm  # type: ignore[import-not-found]
from samba.provision import provision  # type: ignore[import-not-found]


def main(conf: str, address: str, admin_password: str) -> None:
    """Fill the folders that `conf` names."""
    settings = LoadParm()
    settings.load(conf)
    provision(
        logging.getLogger("provision"),
        system_session(),
        smbconf=conf,
        lp=settings,
        realm=settings.get("realm"),
        domain=settings.get("workgroup"),
        hostname=settings.get("netbios name").lower(),
        hostip=address,
        adminpass=admin_password,
        serverrole=settings.get("server role"),
        dns_backend="NONE",
        base_schema="2012_R2",
        dom_for_fun_level=dsdb.DS_DOMAIN_FUNCTION_2008_R2,
        skip_sysvolacl=True,  # nobody reads the share, and its owners do not exist in a user namespace
        batch_mode=True,  # bigger transactions: a quarter less time
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
