"""The address of a PostgreSQL database, as libpq writes it: `postgresql://user@host:port/name?sslmode=require`.

It may hold a password, so no error here repeats it or lets libpq repeat it.
"""

from __future__ import annotations

_EXAMPLE = "postgresql://user@host:5432/name"
_UNDERSTOOD = f'is not the address of a PostgreSQL database; write one like "{_EXAMPLE}"'
_NOT_ENCODED = "has an @ or / in a wrong place; write those of a user or password as %40 and %2F"


def connection_parameters(address: str) -> dict[str, str]:
    """Take an address apart into libpq's parameters (`host`, `dbname`, ...); what it leaves out is left out.

    Raises `ValueError` for what is no address or names no database.
    """
    parameters = _as_libpq_reads_it(address)
    if not parameters.get("dbname"):
        raise ValueError(f'names no database; write it at the end, as in "{_EXAMPLE}"')
    # libpq takes the wrong part of a password that is not encoded for a host, port or name, and its errors show those.
    if "@" in parameters.get("host", "") or set("@/") & set(parameters["dbname"]):
        raise ValueError(_NOT_ENCODED)
    if not all(port.isdecimal() or not port for port in parameters.get("port", "").split(",")):
        raise ValueError(f"has a port that is no number, or {_NOT_ENCODED}")
    return parameters


def _as_libpq_reads_it(address: str) -> dict[str, str]:
    if not address.startswith(("postgresql://", "postgres://")):
        raise ValueError(_UNDERSTOOD)
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        return {name: str(value) for name, value in conninfo_to_dict(address).items()}
    except (ProgrammingError, UnicodeError):
        raise ValueError(_UNDERSTOOD) from None
