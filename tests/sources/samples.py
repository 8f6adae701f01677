# ruff: noqa: E501, W291 - lines stand as the tools write them, however long
"""Small whole exports of each form, as the tools write them; the invented company Contoso, numbers set aside for fiction."""

from __future__ import annotations

from typing import Final

LDAPSEARCH: Final = b"""\
# extended LDIF
#
# LDAPv3
# base <DC=contoso,DC=example> with scope subtree
# filter: (objectClass=user)
# requesting: objectClass cn displayName objectGUID mS-DS-ConsistencyGuid userPrincipalName userAccountControl mobile telephoneNumber 
#

# Adele Vance, People, contoso.example
dn: CN=Adele Vance,OU=People,DC=contoso,DC=example
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: user
cn: Adele Vance
telephoneNumber: +1 425 555 0100 x12
displayName: Adele Vance
objectGUID:: D8ypYDQPbkGmLi+VEs4xLw==
userAccountControl: 512
userPrincipalName: adele@contoso.example
mobile: +1 2065550111
mS-DS-ConsistencyGuid:: Gz1Y7x2ylUCuBbJo+T6/wQ==

# \xc5\x81ukasiewicz\\, Zo\xc3\xab with a name so long that it does not fit, People, contos
 o.example
dn:: Q049xYF1a2FzaWV3aWN6XCwgWm/DqyB3aXRoIGEgbmFtZSB0aGF0IGlzIGxvbmcgZW5vdWdoL
 E9VPVBlb3BsZSxEQz1jb250b3NvLERDPWV4YW1wbGU=
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: user
cn:: xYF1a2FzaWV3aWN6LCBab8Or
displayName:: Wm/DqyDFgXVrYXNpZXdpY3o=
objectGUID:: IbGAq8b2T0C0sHaqZ+JsWg==
userAccountControl: 514
userPrincipalName: zoe@contoso.example

# DC1, Domain Controllers, contoso.example
dn: CN=DC1,OU=Domain Controllers,DC=contoso,DC=example
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: user
objectClass: computer
cn: DC1
objectGUID:: 0S7WfDtjj0i0iPyQDWRW0A==

# search reference
ref: ldap://contoso.example/CN=Configuration,DC=contoso,DC=example

# search result
search: 2
result: 0 Success

# numResponses: 5
# numEntries: 3
# numReferences: 1
"""
"""ldapsearch without options, with an attribute list."""

LDAPSEARCH_BARE: Final = b"""\
dn: uid=adele,ou=people,dc=contoso,dc=example
objectClass: inetOrgPerson
uid: adele
cn: Adele Vance
sn: Vance
mobile: +1 206 555 0111
telephoneNumber: +1 425 555 0100
telephoneNumber: +1 425 555 0101
description: a description that is long enough to be folded by the tool, which
  happens behind its 78th column

dn: uid=zoe,ou=people,dc=contoso,dc=example
objectClass: inetOrgPerson
uid: zoe
cn:: Wm/DqyDFgXVrYXNpZXdpY3o=
sn: x
mobile: +1 206 555 0112

dn: ou=people,dc=contoso,dc=example
objectClass: organizationalUnit
ou: people

"""
"""`ldapsearch -LLL` on OpenLDAP."""

CHANGES: Final = b"""\
version: 1

dn: CN=Adele Vance,OU=People,DC=contoso,DC=example
control: 1.2.840.113556.1.4.417 true
changetype: modify
replace: mobile
mobile: +1 2065550199
-
delete: telephoneNumber
telephoneNumber: +1 4255550100
-
add: description
description: moved to the second floor
-

dn: CN=Zoe,OU=People,DC=contoso,DC=example
changetype: add
objectClass: top
objectClass: person
objectClass: user
cn: Zoe
objectGUID:: IbGAq8b2T0C0sHaqZ+JsWg==
userPrincipalName: zoe@contoso.example
mobile: +1 2065550112

dn: CN=Adele Vance,OU=People,DC=contoso,DC=example
changetype: modrdn
newrdn: CN=Adele V.
deleteoldrdn: 1
newsuperior: OU=Sales,DC=contoso,DC=example

dn: CN=Leaver,OU=People,DC=contoso,DC=example
changetype: delete

"""
"""A log of changes."""

GRAPH_CSV: Final = """\
id,userPrincipalName,displayName,mobilePhone,businessPhones,onPremisesSyncEnabled,onPremisesImmutableId,accountEnabled
6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a,adele@contoso.example,"Vance, Adele",+1 2065550111,"[""+1 4255550100""]",true,D8ypYDQPbkGmLi+VEs4xLw==,true
0f6a3f8e-9a53-4f6d-8a43-1d4c4f3f0001,zoe@contoso.example,"Zoë ""Z"" Łukasiewicz",,+1 4255550101;+1 4255550102,,,false
""".encode()
"""Graph's names, as a script writes them."""

AD_CSV: Final = b"""\
"DN","objectClass","objectGUID","sAMAccountName","userPrincipalName","displayName","telephoneNumber","mobile","userAccountControl"
"CN=Adele Vance,OU=People,DC=contoso,DC=example","user","X'0fcca960340f6e41a62e2f9512ce312f'","adele","adele@contoso.example","Adele Vance","+1 425 555 0100","+1 2065550111","512"
"CN=Zoe,OU=People,DC=contoso,DC=example","user","ab80b121-f6c6-404f-b4b0-76aa67e26c5a","zoe","zoe@contoso.example","Zoe","","","514"
"CN=Staff,OU=People,DC=contoso,DC=example","group","X'00112233445566778899aabbccddeeff'","staff","","","","",""
"""
"""Active Directory's names, as csvde and PowerShell write them."""

GRAPH_LINES: Final = """\
{"id":"6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a","userPrincipalName":"adele@contoso.example","displayName":"Adele Vance","mobilePhone":"+1 2065550111","businessPhones":["+1 4255550100"],"onPremisesSyncEnabled":true,"onPremisesImmutableId":"D8ypYDQPbkGmLi+VEs4xLw==","accountEnabled":true,"userType":"Member","otherMails":["a@example.org"]}
{"id":"0f6a3f8e-9a53-4f6d-8a43-1d4c4f3f0001","userPrincipalName":"zoe@contoso.example","displayName":"Zoë","mobilePhone":null,"businessPhones":[],"onPremisesSyncEnabled":null,"onPremisesImmutableId":null,"accountEnabled":false,"userType":null,"otherMails":[]}
{"id":"0f6a3f8e-9a53-4f6d-8a43-1d4c4f3f0002","mobilePhone":"+44 7700900123"}
{"id":"0f6a3f8e-9a53-4f6d-8a43-1d4c4f3f0003","@removed":{"reason":"changed"}}
""".encode()
"""JSON Lines in Graph's user shape."""

GRAPH_PAGE: Final = b"""\
{
  "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users(id,userPrincipalName,mobilePhone)",
  "value": [
    {
      "id": "6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a",
      "userPrincipalName": "adele@contoso.example",
      "mobilePhone": "+1 2065550111"
    },
    {
      "id": "0f6a3f8e-9a53-4f6d-8a43-1d4c4f3f0001",
      "userPrincipalName": "zoe@contoso.example",
      "mobilePhone": null
    }
  ]
}
"""
"""One page as Graph answers it, indented."""

MFA_CSV: Final = b"""\
userPrincipalName,methods,defaultMethod,phoneNumber,alternativePhoneNumber,voiceOnlyPhoneNumber,email,state
adele@contoso.example,OneWaySMS;TwoWayVoiceMobile,OneWaySMS,+1 2065550111,,+1 4255550100x12,adele@example.org,Enforced
zoe@contoso.example,PhoneAppNotification,PhoneAppNotification,,+44 7700900123,,,Enabled
"""
"""The legacy state as CSV."""

MFA_LINES: Final = b"""\
{"userPrincipalName":"adele@contoso.example","methods":["OneWaySMS","TwoWayVoiceMobile"],"defaultMethod":"OneWaySMS","phoneNumber":"+1 2065550111","state":"Enforced"}
{"userPrincipalName":"zoe@contoso.example","methods":"PhoneAppOTP;TwoWaySms","defaultMethod":"PhoneAppOTP","email":null}
"""
"""The same as JSON Lines."""

MFA_GRAPH: Final = b"""\
[
  {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users('adele%40contoso.example')/authentication/phoneMethods",
    "value": [
      {"id": "3179e48a-750b-4051-897c-87b9720928f7", "phoneNumber": "+1 2065550111", "phoneType": "mobile", "smsSignInState": "notConfigured"},
      {"id": "e37fc753-ff3b-4958-9484-eaa9425c82bc", "phoneNumber": "+1 4255550100x12", "phoneType": "office", "smsSignInState": "notSupported"}
    ]
  },
  {
    "@odata.context": "https://graph.microsoft.com/beta/$metadata#users('0f6a3f8e-9a53-4f6d-8a43-1d4c4f3f0001')/authentication/signInPreferences",
    "isSystemPreferredAuthenticationMethodEnabled": false,
    "userPreferredMethodForSecondaryAuthentication": "push"
  }
]
"""
"""Answers of Graph, collected in an array."""

MENDED: Final = b"""\
line,column,reason,record,userPrincipalName,mobilePhone
1,mobilePhone,Why.,"{""userPrincipalName"":""adele@contoso.example"",""mobilePhone"":""+1 2065550111""}",(not sent),(not sent)
9,mobile,Why.,"dn: CN=Zoe,DC=contoso,DC=example
objectClass: user
userPrincipalName: zoe@contoso.example
mobile: +1 2065550112",(not sent),(not sent)
12,,Why.,,kim@contoso.example,+1 2065550113
"""
"""A rejected file, mended."""

DIRECTORY: Final = {
    "ldapsearch.ldif": LDAPSEARCH,
    "bare.ldif": LDAPSEARCH_BARE,
    "changes.ldif": CHANGES,
    "crlf.ldif": LDAPSEARCH.replace(b"\n", b"\r\n"),
    "graph.csv": GRAPH_CSV,
    "utf16.csv": b"\xff\xfe" + GRAPH_CSV.decode().replace("\n", "\r\n").encode("utf-16-le"),
    "ad.csv": AD_CSV,
    "mended.csv": MENDED,
    "graph.jsonl": GRAPH_LINES,
    "page.json": GRAPH_PAGE,
    "lines.json": GRAPH_LINES,
}
"""Whole directory exports by file name."""

MFA: Final = {
    "mfa.csv": MFA_CSV,
    "mfa.jsonl": MFA_LINES,
    "graph.json": MFA_GRAPH,
    "utf16.json": b"\xff\xfe" + MFA_GRAPH.decode().encode("utf-16-le"),
}
"""Whole exports of the strong-authentication state by file name."""
