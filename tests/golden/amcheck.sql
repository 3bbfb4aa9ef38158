\set ECHO none
-- Sourced: bt_index_check() as the extension amcheck has it. A server without that extension has its indexes tested by what is read through them alone.
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck') AS amcheck \gset
\if :amcheck
CREATE EXTENSION amcheck;
\else
CREATE FUNCTION bt_index_check(index regclass, heapallindexed boolean) RETURNS void LANGUAGE plpgsql AS 'BEGIN END';
\endif
\unset amcheck
\set ECHO all
