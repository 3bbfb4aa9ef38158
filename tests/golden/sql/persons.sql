-- Who is a person, where people must differ: a role by its name and its OID, with the level in force under that name. A new name makes nobody somebody else, and no officer;
-- a gateway's user is no database role.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
SELECT count(insert_audit_event('A', 'thing', NULL, w(1), w(n))) FROM generate_series(70, 79) AS n;
CREATE ROLE t_com LOGIN; CREATE ROLE t_other LOGIN; CREATE ROLE t_group; CREATE ROLE t_member LOGIN; CREATE ROLE t_aloof LOGIN NOINHERIT; CREATE ROLE t_right LOGIN; CREATE ROLE t_gate LOGIN NOINHERIT;
GRANT t_group TO t_member, t_aloof, t_gate;
SELECT audit_grant('t_com', 'compliance'), audit_grant('t_other', 'compliance'), audit_grant('t_group', 'compliance'), audit_grant('t_gate', 'gateway') \g /dev/null
SELECT session_user AS me \gset
CREATE FUNCTION refusal(p_sql text, OUT code text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE p_sql; code := 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;
CREATE FUNCTION asks(n bigint) RETURNS text LANGUAGE sql RETURN format('SELECT request_audit_deletion(w(%s), w(1), ''GDPR'')', n);

-- Whoever asked is renamed, by somebody with CREATEROLE who is neither superuser nor officer. The rights on the functions go along, the level does not.
SET SESSION AUTHORIZATION t_com;
SELECT request_audit_deletion(w(70), w(1), 'GDPR') AS one, request_audit_deletion(w(71), w(1), 'GDPR') AS two, place_audit_hold(w(2), 'case') AS hold \gset
SET SESSION AUTHORIZATION :"me";
ALTER ROLE t_com RENAME TO t_renamed;
SET SESSION AUTHORIZATION t_renamed;
SELECT * FROM refusal(format('SELECT approve_audit_deletion(%L, ''T-1'')', :'one'));
SELECT tried, code FROM unnest(ARRAY[asks(72), format('SELECT reject_audit_deletion(%L, ''no'')', w(0)), format('SELECT execute_audit_deletion(%L)', w(0)),
  'SELECT request_audit_purge(w(1), ''GDPR'')', 'SELECT place_audit_hold(w(1), ''case'')', format('SELECT release_audit_hold(%L, ''over'')', w(0))]) WITH ORDINALITY AS given (tried, no), LATERAL refusal(tried) ORDER BY no;
-- With the level under the new name: an officer, and the same person.
SET SESSION AUTHORIZATION :"me";
SELECT audit_grant('t_renamed', 'compliance');
SET SESSION AUTHORIZATION t_renamed;
SELECT code, message FROM refusal(format('SELECT approve_audit_deletion(%L, ''T-1'')', :'one'));
SELECT code FROM refusal(asks(73));
-- Two officers change names: the one who asked is refused, and so is the other, whom the log could not tell from the one who asked.
SET SESSION AUTHORIZATION :"me";
ALTER ROLE t_other RENAME TO t_com; ALTER ROLE t_renamed RENAME TO t_other;
SELECT audit_grant('t_com', 'compliance'), audit_grant('t_other', 'compliance') \g /dev/null
SET SESSION AUTHORIZATION t_other;
SELECT code FROM refusal(format('SELECT approve_audit_deletion(%L, ''T-1'')', :'one'));
SET SESSION AUTHORIZATION t_com;
SELECT code, message FROM refusal(format('SELECT approve_audit_deletion(%L, ''T-1'')', :'one'));
-- A third approves.
SET SESSION AUTHORIZATION :"me";
CREATE ROLE t_third LOGIN;
SELECT audit_grant('t_third', 'compliance') \g /dev/null
SET SESSION AUTHORIZATION t_third;
SELECT deleted_count FROM approve_audit_deletion(:'one', 'T-1');
SET SESSION AUTHORIZATION :"me";
SELECT requested_by_role, decided_by_role, requested_by_role_oid = to_regrole('t_other') AS "who asked, by today's name" FROM audit_deletion_requests WHERE id = :'one';

-- The level of a group counts for its members, and for a member that takes its role; a right that was left over does not.
SET SESSION AUTHORIZATION t_member;
SELECT code FROM refusal(asks(74));
SET SESSION AUTHORIZATION t_aloof;
SELECT code FROM refusal(asks(75));
SET ROLE t_group;
SELECT code FROM refusal(asks(75));
SET SESSION AUTHORIZATION :"me";
GRANT USAGE ON SCHEMA public TO t_right;
GRANT EXECUTE ON FUNCTION request_audit_deletion TO t_right;
SET SESSION AUTHORIZATION t_right;
SELECT code, message FROM refusal(asks(76));
SET SESSION AUTHORIZATION :"me";
SELECT audit_revoke('t_group', 'compliance');
SET SESSION AUTHORIZATION t_member;
SELECT code FROM refusal(asks(76));
SET SESSION AUTHORIZATION :"me";
SELECT audit_grant('t_group', 'compliance');
-- The owner is an officer.
SELECT code FROM refusal(asks(76));

-- A gateway's users are told apart by their ids. None of them is a role of the database.
SELECT audit_resource_id('db_role', 't_third') AS third, audit_resource_id('db_role', 't_gate') AS gate, audit_resource_id('db_role', 'nobody') AS nobody \gset
SET SESSION AUTHORIZATION t_gate;
SET ROLE t_group;
SELECT set_config('audit_ext.user_id', :'third', false) \g /dev/null
SELECT code, message, hint FROM refusal(asks(77));
SELECT code FROM refusal(format('SELECT approve_audit_deletion(%L, ''T-2'')', :'two'));
SELECT set_config('audit_ext.user_id', :'gate', false) \g /dev/null
SELECT code FROM refusal(asks(77));
SELECT set_config('audit_ext.user_id', :'nobody', false) \g /dev/null
SELECT code FROM refusal(asks(77));
SELECT set_config('audit_ext.user_id', w(90)::text, false) \g /dev/null
SELECT request_audit_deletion(w(78), w(1), 'GDPR') AS three \gset
SELECT code FROM refusal(format('SELECT approve_audit_deletion(%L, ''T-3'')', :'three'));
SELECT set_config('audit_ext.user_id', w(91)::text, false) \g /dev/null
SELECT deleted_count FROM approve_audit_deletion(:'three', 'T-3');
SET SESSION AUTHORIZATION :"me";
SELECT requested_by_role, requested_by_role_oid, decided_by_role FROM audit_deletion_requests WHERE id = :'three';
