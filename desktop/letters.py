"""What a spreadsheet calls its columns: A is the first, Z the 26th, AB the 28th."""

from __future__ import annotations

from functools import cache


@cache
def column_letters(column: int) -> str:
    """Return the letters of a column counted from 1: 28 is AB."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return a column's number from 1: AB is 28."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
