"""Approvals: asking, deciding, and the flows that say who decides (APR-01 to 07)."""

from desktop.operations.approvals.asking import ask_approval
from desktop.operations.approvals.deciding import (
    add_signature,
    approve,
    ask_again,
    reject,
    return_request,
    withdraw_request,
)
from desktop.operations.approvals.reports import approve_report, reject_report, withdraw_report

__all__ = [
    "add_signature",
    "approve",
    "approve_report",
    "ask_again",
    "ask_approval",
    "reject",
    "reject_report",
    "return_request",
    "withdraw_report",
    "withdraw_request",
]
