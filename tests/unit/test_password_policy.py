"""Which passwords are refused, and by which rule (PLT-03)."""

from __future__ import annotations

import pytest

from desktop.errors import InvalidInput
from desktop.operations.password_policy import LEAST_LENGTH, check_password, suggested_password


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("", "password_short"),
        ("kite7-mornin", None),
        ("kite7-morni", "password_short"),
        ("aaaaaaaaaaaaaaaa", "password_monotonous"),
        ("abababababababab", "password_monotonous"),
        ("zhang.wei2026!!", "password_is_login"),
        ("ZHANG.WEI-12345", "password_is_login"),
        ("zhang.wei-drinks-tea", None),
        ("Password2026!", "password_common"),
        ("qwertyuiopasdf", "password_common"),
        ("1qaz2wsx3edc4rfv", "password_common"),
        ("Plumbline@2026", "password_common"),
        ("woaini13141234", "password_common"),
        ("我爱北京天安门的太阳每一天", None),
        ("correct horse battery staple", None),
        ("tab\tinside-the-word", "password_unreadable"),
    ],
)
def test_the_rules(password: str, rule: str | None) -> None:
    if rule is None:
        check_password(password, "zhang.wei")
        return
    with pytest.raises(InvalidInput) as refused:
        check_password(password, "zhang.wei")
    assert refused.value.code == rule
    assert password == "" or password not in str(refused.value)
    assert str(LEAST_LENGTH) in str(refused.value)


def test_a_suggested_password_is_fresh_and_good() -> None:
    made = {suggested_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        check_password(password, "admin")
