"""What somebody with psql and a login of their own might try, and what has to come back.

`ATTACKS` is run by `test_attacks.py`, and by `python -m tests.security.attack_log`, which writes it down.
"""

from tests.security.attacks.catalogue import CATALOGUE
from tests.security.attacks.decisions import DECISIONS
from tests.security.attacks.kind import Attack
from tests.security.attacks.objects import OBJECTS
from tests.security.attacks.rows import ROWS
from tests.security.attacks.settings import SETTINGS

ATTACKS: tuple[Attack, ...] = (*SETTINGS, *ROWS, *CATALOGUE, *OBJECTS, *DECISIONS)

__all__ = ["ATTACKS", "Attack"]
