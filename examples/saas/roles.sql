-- One login for the API, and one role per duty that it may take for the length of a transaction. Run as the owner of the extension; run twice it changes nothing:
--
--   psql -X -v ON_ERROR_STOP=1 -d DATABASE -f roles.sql
--
-- Give audit_gateway and audit_monitor a password, or let them in by certificate or socket.
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I NOLOGIN', role)
FROM unnest(ARRAY['audit_writer', 'audit_reader', 'audit_operator', 'audit_compliance']) AS role
WHERE to_regrole(role) IS NULL \gexec

-- NOINHERIT: the login itself may do nothing; each transaction takes the one role that its request needs.
SELECT 'CREATE ROLE audit_gateway LOGIN NOINHERIT' WHERE to_regrole('audit_gateway') IS NULL \gexec
GRANT audit_writer, audit_reader, audit_operator, audit_compliance TO audit_gateway;

-- For exporters: health and figures, not one event.
SELECT 'CREATE ROLE audit_monitor LOGIN' WHERE to_regrole('audit_monitor') IS NULL \gexec

SELECT audit_grant('audit_writer', 'writer'),
       audit_grant('audit_reader', 'reader'),
       audit_grant('audit_operator', 'operator'),
       audit_grant('audit_compliance', 'compliance'),
       audit_grant('audit_gateway', 'gateway'),
       audit_grant('audit_monitor', 'monitor') \g /dev/null
