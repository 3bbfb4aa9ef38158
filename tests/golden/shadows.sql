\set ECHO none
-- As :role, in a backend that remembers nothing yet: everything there is to call, where every name means something of the caller's first; included with \ir.
\connect -
SET client_min_messages = error;
CALL test.make_temporary_shadows();
SET SESSION AUTHORIZATION :role;
SET search_path = evil, pg_temp, pg_catalog;
SELECT 'CALL test.attempt(' OPERATOR(pg_catalog.||) pg_catalog.quote_literal(statement) OPERATOR(pg_catalog.||) ')' FROM test.calls ORDER BY no USING OPERATOR(pg_catalog.<) \gexec
RESET search_path; RESET SESSION AUTHORIZATION;
SELECT format('%s: shadows ran %s times; enough calls went through: %s', :'role', r.last_value - 1, a.last_value - 1 > 10) AS outcome FROM test.accepted AS a, test.ran AS r \g (format=unaligned tuples_only=on)
SELECT setval('test.accepted', 1) \g /dev/null
\set ECHO all
