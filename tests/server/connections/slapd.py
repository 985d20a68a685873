"""A real OpenLDAP server of the test's own: a certificate authority, a few people and groups, LDAPS and StartTLS."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.app.rehearsal.command import free_port
from tests import machine

BASE = "dc=bureau,dc=example"
ADMIN, ADMIN_PASSWORD = f"cn=reader,{BASE}", "readers-own-secret-3141"

_CONFIGURATION = """
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
modulepath {modules}
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
security simple_bind=128
database mdb
maxsize 10485760
suffix "{base}"
rootdn "{admin}"
rootpw {secret}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{admin}" read by * none
"""


def _ssha(password: str) -> str:
    return "{SSHA}" + base64.b64encode(sha1(password.encode() + b"salt").digest() + b"salt").decode()


def person(uid: str, name: str, password: str) -> str:
    named = base64.b64encode(name.encode()).decode()
    return (
        f"dn: uid={uid},ou=people,{BASE}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn:: {named}\nsn:: {named}\n"
        f"userPassword: {_ssha(password)}\nmail: {uid}@bureau.example\n"
    )


def group(name: str, *members: str) -> str:
    lines = "".join(f"member: uid={one},ou=people,{BASE}\n" for one in members)
    return f"dn: cn={name},ou=groups,{BASE}\nobjectClass: groupOfNames\ncn: {name}\n{lines}"


def directory(*entries: str) -> str:
    tops = [f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: bureau\ndc: bureau\n"]
    tops += [f"dn: ou={name},{BASE}\nobjectClass: organizationalUnit\nou: {name}\n" for name in ("people", "groups")]
    return "\n".join([*tops, *entries])


def certificates(folder: Path, name: str = "localhost") -> Path:
    """An authority and a server's certificate for `name`, in `folder`; the authority's file."""
    now = datetime.now(UTC)

    def made(subject: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, issuer: str,
             authority: bool) -> x509.Certificate:  # fmt: skip
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=12))
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
            .sign(signer, hashes.SHA256())
        )

    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    authority = "a bureau's authority"
    (folder / "ca.pem").write_bytes(made(authority, root, root, authority, True).public_bytes(pem))
    (folder / "cert.pem").write_bytes(made(name, own, root, authority, False).public_bytes(pem))
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key)
    return folder / "ca.pem"


class Slapd:
    """`plain` and `secret`: ports of LDAP, which takes binds after StartTLS only, and of LDAPS."""

    def __init__(self, folder: Path, entries: str, name: str = "localhost") -> None:
        found = machine.slapd()
        assert found is not None
        self._folder, self._command = folder, Path(found)
        self.plain, self.secret = free_port(), free_port()
        self.ca_file = certificates(folder, name)
        schema = next(one for one in (Path("/etc/ldap/schema"), Path("/etc/openldap/schema")) if one.is_dir())
        modules = next(iter(Path("/usr/lib").glob("**/ldap/back_mdb*.so"))).parent
        (folder / "data").mkdir()
        (folder / "slapd.conf").write_text(
            _CONFIGURATION.format(
                schema=schema,
                modules=modules,
                folder=folder,
                base=BASE,
                admin=ADMIN,
                secret=_ssha(ADMIN_PASSWORD),
            )
        )
        (folder / "entries.ldif").write_text(entries)
        add = [str(self._command.with_name("slapadd")), "-q", "-f", str(folder / "slapd.conf"),
               "-l", str(folder / "entries.ldif")]  # fmt: skip
        subprocess.run(add, check=True, capture_output=True)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        addresses = f"ldap://127.0.0.1:{self.plain}/ ldaps://127.0.0.1:{self.secret}/"
        command = [str(self._command), "-d", "0", "-f", str(self._folder / "slapd.conf"), "-h", addresses]
        self._process = await asyncio.create_subprocess_exec(*command)
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.secret)
            except OSError:
                assert self._process.returncode is None, "slapd ended"
                await asyncio.sleep(0.02)  # until it listens
            else:
                writer.close()
                return

    async def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None

    def hush(self) -> None:
        """It still takes connections: the machine does that for it."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
