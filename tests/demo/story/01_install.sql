\echo
\echo '━━━ Chapter 1. A trail in one statement ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo '   calls, INSERT, COPY,        past its                 past warm_archive_days,'
\echo '   tracked tables              hot days                 by somebody, with grounds'
\echo '          │                        │                            │'
\echo '          ▼                        ▼                            ▼'
\echo '   ┌──────────────┐ archive ┌──────────────────────┐  purge  ┌─────────┐'
\echo '   │ audit_events │────────►│ audit_events_archive │────────►│ removed │'
\echo '   │ (by month)   │◄────────│ (by month)           │         │ logged  │'
\echo '   └──────┬───────┘ restore └──────────┬───────────┘         └─────────┘'
\echo '          └──── a person is erased ────┘   payload gone, the fact stays'
\echo
CREATE EXTENSION IF NOT EXISTS audit_ext;
SELECT version, count(*) AS partitions, 'this month and the next two, hot and archive, and two defaults' AS which
FROM pg_class, (SELECT extversion AS version FROM pg_extension WHERE extname = 'audit_ext') AS extension
WHERE relkind = 'r' AND relname ~ '^audit_events(_archive)?_' GROUP BY version;
