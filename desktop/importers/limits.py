"""How much a reading child may take: memory on both systems, so that a hostile file ends only the child."""

from __future__ import annotations

import sys
from typing import Any

MEMORY_LIMIT = 1_500_000_000
"""Bytes of memory that a child may commit on Windows."""

ADDRESS_LIMIT = 2_500_000_000
"""Bytes of address space on Linux; Polars reserves about 1 GB that it never uses, and keeps what it has freed."""


def limit_own_memory() -> None:
    """Cap this process's memory where the system lets a process do so itself (not on Windows)."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = ADDRESS_LIMIT if hard == resource.RLIM_INFINITY else min(ADDRESS_LIMIT, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def confine(process_handle: int) -> Any:
    """Put a child into a Windows job with the memory cap; it dies with the returned handle. None elsewhere."""
    if sys.platform == "win32":
        return _windows_job(process_handle)
    return None


if sys.platform == "win32":

    def _windows_job(process_handle: int) -> Any:
        import ctypes
        from ctypes import wintypes

        class Basic(ctypes.Structure):
            _fields_ = [
                ("PerProcessUserTimeLimit", ctypes.c_int64),
                ("PerJobUserTimeLimit", ctypes.c_int64),
                ("LimitFlags", wintypes.DWORD),
                ("MinimumWorkingSetSize", ctypes.c_size_t),
                ("MaximumWorkingSetSize", ctypes.c_size_t),
                ("ActiveProcessLimit", wintypes.DWORD),
                ("Affinity", ctypes.c_size_t),
                ("PriorityClass", wintypes.DWORD),
                ("SchedulingClass", wintypes.DWORD),
            ]

        class Extended(ctypes.Structure):
            _fields_ = [
                ("Basic", Basic),
                ("IoInfo", ctypes.c_uint64 * 6),
                ("ProcessMemoryLimit", ctypes.c_size_t),
                ("JobMemoryLimit", ctypes.c_size_t),
                ("PeakProcessMemoryUsed", ctypes.c_size_t),
                ("PeakJobMemoryUsed", ctypes.c_size_t),
            ]

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        job = wintypes.HANDLE(kernel.CreateJobObjectW(None, None))
        limits = Extended()
        process_memory, kill_on_close = 0x100, 0x2000
        limits.Basic.LimitFlags = process_memory | kill_on_close
        limits.ProcessMemoryLimit = MEMORY_LIMIT
        kernel.SetInformationJobObject(job, 9, ctypes.byref(limits), ctypes.sizeof(limits))
        kernel.AssignProcessToJobObject(job, wintypes.HANDLE(process_handle))
        return job
