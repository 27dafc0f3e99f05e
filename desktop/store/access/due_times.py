"""What time it is, and when something is due by the firm's work calendar: by the server's clock, whoever asks (APR-04, PLT-09).

The same as `desktop.analytics.work_time` with `desktop.queries.work_calendar`, held to it by a test. The official list of
days off and make-up days is the program's; `init` keeps it in a table of ours.
"""

from __future__ import annotations

from desktop.analytics.calendar import listed_days
from desktop.analytics.work_time import HORIZON_DAYS
from desktop.clock import DEFAULT_ZONE
from desktop.store.access.groups import EVERYONE, SCHEMA
from desktop.store.access.rules import Function
from desktop.terms import CalendarKind

NO_TIME = "PL014"
"""SQLSTATE: the work calendar has no working time."""
PUBLIC_DAYS = ("day date PRIMARY KEY, worked boolean NOT NULL", EVERYONE)

_MOMENT = """
    SELECT coalesce((SELECT s.value::timestamptz FROM public.database_setting AS s WHERE s.key = 'pinned_now'), now())
"""

_ZONE = f"""
    SELECT coalesce((SELECT s.value FROM public.database_setting AS s WHERE s.key = 'zone'), '{DEFAULT_ZONE}')
"""

_TODAY = "SELECT (plumbline.moment() AT TIME ZONE plumbline.zone())::date"

_THRESHOLD = """
    SELECT t.value::jsonb -> 'value' FROM public.threshold AS t WHERE t.key = $1 AND t.effective_from <= plumbline.today()
    ORDER BY t.effective_from DESC, t.id DESC LIMIT 1
"""

_IS_WORKED = f"""
    SELECT coalesce(
        (SELECT bool_or(e.kind = '{CalendarKind.MAKE_UP_DAY.value}') FROM public.calendar_event AS e
            WHERE e.kind IN ('{CalendarKind.HOLIDAY.value}', '{CalendarKind.MAKE_UP_DAY.value}')
                AND e.region IS NULL AND e.industry IS NULL AND $1 BETWEEN e.starts_on AND e.ends_on),
        (SELECT p.worked FROM plumbline.public_day AS p WHERE p.day = $1),
        plumbline.threshold_now('work.weekdays') @> to_jsonb(extract(isodow FROM $1)::int))
"""

_ADD_HOURS = f"""
DECLARE
    first date := (since AT TIME ZONE plumbline.zone())::date;
    left_over interval := make_interval(secs => (hours * 3600)::double precision);
    span record;
BEGIN
    FOR distance IN 0..{HORIZON_DAYS - 1} LOOP
        CONTINUE WHEN NOT plumbline.is_worked(first + distance);
        FOR span IN
            SELECT greatest(o.opens, since) AS opens, o.closes FROM (
                SELECT (first + distance + split_part(h.words, '-', 1)::time) AT TIME ZONE plumbline.zone() AS opens,
                    (first + distance + split_part(h.words, '-', 2)::time) AT TIME ZONE plumbline.zone() AS closes
                FROM jsonb_array_elements_text(plumbline.threshold_now('work.office_hours')) AS t(said),
                    translate(t.said, '–', '-') AS h(words)
            ) AS o WHERE o.closes > since ORDER BY o.opens
        LOOP
            IF left_over <= span.closes - span.opens THEN
                RETURN span.opens + left_over;
            END IF;
            left_over := left_over - (span.closes - span.opens);
        END LOOP;
    END LOOP;
    RAISE EXCEPTION 'no working time' USING ERRCODE = '{NO_TIME}';
END
"""

_DUE_OF = """
DECLARE
    hours numeric := l.hours;
BEGIN
    IF l.hours_key IS NOT NULL THEN
        hours := plumbline.threshold_now(l.hours_key)::numeric;
    END IF;
    IF l.around_the_clock THEN
        RETURN plumbline.moment() + make_interval(secs => (hours * 3600)::double precision);
    END IF;
    RETURN CASE WHEN hours IS NOT NULL THEN plumbline.add_hours(plumbline.moment(), hours) END;
END
"""

DUE_TIMES = (
    Function("moment", "", "timestamptz", _MOMENT, language="sql", callers=EVERYONE),
    Function("zone", "", "text", _ZONE, language="sql", callers=EVERYONE),
    Function("today", "", "date", _TODAY, language="sql", callers=EVERYONE),
    Function("threshold_now", "text", "jsonb", _THRESHOLD, language="sql"),
    Function("is_worked", "date", "boolean", _IS_WORKED, language="sql"),
    Function("add_hours", "since timestamptz, hours numeric", "timestamptz", _ADD_HOURS),
    Function("due_of", "l public.approval_level", "timestamptz", _DUE_OF),
)
"""The functions, in the order in which they are made."""


def official_days() -> list[str]:
    """Return the statements that keep the official list as this program knows it."""
    days = ", ".join(f"('{day}', {worked})" for day, worked in sorted(listed_days().items()))
    return [
        f"DELETE FROM {SCHEMA}.public_day",
        f"INSERT INTO {SCHEMA}.public_day (day, worked) VALUES {days}",
    ]
