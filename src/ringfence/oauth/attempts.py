"""What a request says about a sign-in: from where, under which id, with what kind of client.

The address is that of whoever opened the connection. A header that names another one is not believed: anybody can send it.
"""

from __future__ import annotations

import uuid
from ipaddress import ip_address
from urllib.parse import urlsplit

import falcon

from ringfence.domain.identity.applications import Application
from ringfence.domain.identity.grants import DeviceCode
from ringfence.domain.identity.sign_ins import Attempt, ClientApp
from ringfence.http.around import correlation
from ringfence.oauth.authorization import Wanted


def attempt_of(request: falcon.Request, wanted: Wanted) -> Attempt:
    """A sign-in at the authorize endpoint: by a browser where the answer goes to a site, else by an application of its own.

    Who can keep a secret is a site, also where it is tried out on this machine without TLS.
    """
    application = wanted.application
    is_site = urlsplit(wanted.reply.redirect_uri).scheme == "https" or not application.is_public
    client = ClientApp.BROWSER if is_site else ClientApp.NATIVE
    return Attempt(application.app_id, application.name, client, _address(request), _correlation_id(request))


def attempt_with_code(request: falcon.Request, waiting: DeviceCode, application: Application | None) -> Attempt:
    """A sign-in for a device that shows a code; its application may be gone by now."""
    name = "" if application is None else application.name
    return Attempt(waiting.app_id, name, ClientApp.NATIVE, _address(request), _correlation_id(request), is_device_code=True)


def _address(request: falcon.Request) -> str | None:
    try:
        found = ip_address(request.remote_addr)
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)


def _correlation_id(request: falcon.Request) -> bytes:
    """The id that the client gave, in the address or as a header; else that of the request."""
    ids = correlation(request.env)
    for given in (request.get_param("client-request-id"), ids["client-request-id"]):
        try:
            return uuid.UUID(given or "").bytes
        except ValueError:
            continue
    return uuid.UUID(ids["request-id"]).bytes
