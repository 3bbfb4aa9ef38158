-- =====================================================================================================================
-- A ticket of an approval, as parameters take it: a UUID, any text, or a JSON string over RPC, without overloading. Parameters
-- only: no column has this type, or DROP EXTENSION would take the column along.
-- =====================================================================================================================
CREATE TYPE audit_ticket;
CREATE FUNCTION audit_ticket_in(cstring) RETURNS audit_ticket LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textin';
CREATE FUNCTION audit_ticket_out(audit_ticket) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
CREATE FUNCTION audit_ticket_recv(internal) RETURNS audit_ticket LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'textrecv';
CREATE FUNCTION audit_ticket_send(audit_ticket) RETURNS bytea LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'textsend';
CREATE TYPE audit_ticket (
  INPUT = audit_ticket_in, OUTPUT = audit_ticket_out, RECEIVE = audit_ticket_recv, SEND = audit_ticket_send, LIKE = text
);
CREATE CAST (text AS audit_ticket) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (varchar AS audit_ticket) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (uuid AS audit_ticket) WITH INOUT AS IMPLICIT;
COMMENT ON TYPE audit_ticket IS 'The ticket of an approval: any text, or a UUID. For parameters; the tables keep tickets as text.';
COMMENT ON FUNCTION audit_ticket_in(cstring) IS 'Input of audit_ticket: as text.';
COMMENT ON FUNCTION audit_ticket_out(audit_ticket) IS 'Output of audit_ticket: as text.';
COMMENT ON FUNCTION audit_ticket_recv(internal) IS 'Binary input of audit_ticket: as text.';
COMMENT ON FUNCTION audit_ticket_send(audit_ticket) IS 'Binary output of audit_ticket: as text.';
