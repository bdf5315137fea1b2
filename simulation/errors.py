"""What can go wrong when a return is simulated."""

from __future__ import annotations


class SimulationError(Exception):
    """Base of the package's errors: a stable code, and a message that says what to do."""

    code = "simulation"


class NotAFormError(SimulationError):
    """The PDF lacks the fields that every issued form has."""

    code = "simulation.not_a_form"


class CannotWriteError(SimulationError):
    """The text holds a character that the simulated hand has not learnt."""

    code = "simulation.cannot_write"
