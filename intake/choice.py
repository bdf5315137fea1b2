"""What all checkboxes of a form say together."""

from __future__ import annotations

from math import prod

from intake.results import CheckboxReading, MarkState, VariantReading, VariantState


def choice_of(options: tuple[CheckboxReading, ...], option_count: int, *, lossy: bool) -> VariantReading:
    """Put the boxes together, of which the form has `option_count`.

    `lossy` says that a mark may have vanished from the page.
    """
    states = [option.state for option in options]
    marked = [option.option for option in options if option.state is MarkState.MARKED]
    value = marked[0] if len(marked) == 1 else None
    if MarkState.UNCLEAR in states:
        state = VariantState.UNCLEAR
    elif MarkState.CORRECTED in states:
        state = VariantState.CORRECTED
    elif not marked and len(options) < option_count:
        state = VariantState.PARTIAL
    elif not marked:
        state = VariantState.UNCLEAR if lossy else VariantState.NONE
    else:
        state = VariantState.MARKED if value is not None else VariantState.SEVERAL
    return VariantReading(value, state, round(prod(option.confidence for option in options), 4), options)
