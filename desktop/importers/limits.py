"""How much a reading child may take: memory on both systems, so that a hostile file ends only the child."""

from __future__ import annotations

import sys
from typing import Any

MEMORY_LIMIT = 1_500_000_000
"""Bytes of memory that a child may commit on Windows."""

ADDRESS_LIMIT = 2_500_000_000
"""Bytes of address space on Linux; Polars reserves about 1 GB that it never uses, and keeps what it has freed."""


def limit_own_memory() -> None:
    """Cap this process's memory, from within, before it reads anything."""
    if sys.platform == "win32":
        # Whoever starts us may do so through a launcher, whose job would not be ours: a process that
        # puts itself into a job is in it for certain. The job lives as long as the process.
        _OWN_JOB.append(_windows_job(None, MEMORY_LIMIT))
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = ADDRESS_LIMIT if hard == resource.RLIM_INFINITY else min(ADDRESS_LIMIT, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


_OWN_JOB: list[Any] = []


def confine(process_handle: int) -> Any:
    """Put a child into a Windows job that ends it, and what it started, with us. None elsewhere.

    What is returned has a method `close`, which ends whatever is still in the job.
    """
    if sys.platform == "win32":
        return _windows_job(process_handle, None)
    return None


if sys.platform == "win32":

    def _windows_job(process_handle: int | None, memory: int | None) -> Any:
        """Return a job with a process in it (None: this one); None where Windows does not let us."""
        import ctypes
        from ctypes import wintypes

        class Basic(ctypes.Structure):
            _fields_ = [
                ("PerProcessUserTimeLimit", wintypes.LARGE_INTEGER),
                ("PerJobUserTimeLimit", wintypes.LARGE_INTEGER),
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

        # Without signatures ctypes passes handles as 32-bit integers.
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.SetInformationJobObject.argtypes = (
            wintypes.HANDLE,
            ctypes.c_int,
            ctypes.c_void_p,
            wintypes.DWORD,
        )
        kernel.SetInformationJobObject.restype = wintypes.BOOL
        kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
        kernel.AssignProcessToJobObject.restype = wintypes.BOOL
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.CloseHandle.argtypes = (wintypes.HANDLE,)

        class Job:
            def __init__(self, handle: int) -> None:
                self._handle = handle

            def close(self) -> None:
                """Let go of the job, which ends the processes that are still in it."""
                if self._handle:
                    kernel.CloseHandle(self._handle)
                    self._handle = 0

        handle = kernel.CreateJobObjectW(None, None)
        if not handle:
            return None
        job = Job(handle)
        limits = Extended()
        process_memory, die_on_exception, kill_on_close = 0x100, 0x400, 0x2000
        limits.Basic.LimitFlags = die_on_exception | (process_memory if memory else kill_on_close)
        limits.ProcessMemoryLimit = memory or 0
        extended_limit_information = 9
        done = kernel.SetInformationJobObject(
            handle, extended_limit_information, ctypes.byref(limits), ctypes.sizeof(limits)
        ) and kernel.AssignProcessToJobObject(
            handle, process_handle if process_handle is not None else kernel.GetCurrentProcess()
        )
        if not done:
            job.close()
            return None
        return job
