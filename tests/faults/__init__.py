"""Faults from outside: killed, out of disk, cancelled, raced. Whatever happens, all of an import is there or nothing."""
