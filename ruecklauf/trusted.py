"""The certificates that the office trusts to say who signed a PDF digitally, as its configuration names them."""

from __future__ import annotations

from intake.validate_signatures import IS_INSTALLED, certificates
from ruecklauf.config import CONFIG_FILE, Config
from ruecklauf.errors import ConfigError


def trusted_certificates(config: Config) -> tuple[bytes, ...]:
    """The files' bytes; raises `ConfigError` for one that holds no certificate, or where nothing could be validated."""
    if config.trusted_certificates and not IS_INSTALLED:
        raise ConfigError(
            f"{config.home / CONFIG_FILE} names trusted_certificates, but digital signatures can't be validated here",
            'install the extra "signed", or delete the line',
        )
    found = []
    for path in config.trusted_certificates:
        try:
            data = (config.home / path).read_bytes()
            certificates(data)
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}", "mend trusted_certificates") from error
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{path} holds no certificate", "name files in PEM or DER") from error
        found.append(data)
    return tuple(found)
