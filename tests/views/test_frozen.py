"""An approved amount is shown whole, whatever else stands in the table."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from desktop.i18n import Locale
from desktop.queries.reports import Block, Field
from desktop.views import theme
from desktop.views.frozen import frozen_columns


@pytest.mark.parametrize("amount", [0, 56_362_841, 225_180_000, -297_647_000_000])
def test_a_money_column_has_room_for_its_widest_amount(qtbot: QtBot, amount: int) -> None:
    fields = (Field("person", "Person", "text"), Field("amount", "Amount", "money"))
    block = Block("people", "People", fields, (("Ann", 1), ("Bob", None)), totals=("Total", amount))
    locale = Locale("en")
    column = frozen_columns(block, locale, str)[1]
    assert column.width >= QFontMetrics(theme.font()).horizontalAdvance(locale.money(amount)) + 12
