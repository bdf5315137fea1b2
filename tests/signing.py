"""Signs PDFs digitally as customers do, with certificates made here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.keys.pemder import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

SIGNER = "Maria Märzwald"


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate() -> bytes:
    """A certificate that its owner issued to herself, in PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SIGNER)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return builder.sign(_key(), hashes.SHA256()).public_bytes(Encoding.PEM)


def sign(pdf: bytes, field: str = "signature") -> bytes:
    """The PDF, signed in a field of this name; it is made where there is none."""
    key = _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(
        signing_cert=next(iter(load_certs_from_pemder_data(certificate()))),
        signing_key=load_private_key_from_pemder_data(key, None),
        cert_registry=SimpleCertificateStore(),
    )
    output = BytesIO()
    metadata = PdfSignatureMetadata(field_name=field)
    PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=output)
    return output.getvalue()
