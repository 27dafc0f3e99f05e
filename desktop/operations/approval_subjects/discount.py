"""Discount: approved as it was asked for, then frozen (APR-02, APR-03, PER-06)."""

from __future__ import annotations

from desktop.i18n import N_
from desktop.operations.approval_subjects import Subject
from desktop.operations.approval_subjects.quote import context
from desktop.operations.papers import carry_out, still

SUBJECT = Subject(kind="discount", label=N_("Discount"), context=context, approved=carry_out, facts=still)
