-- What a command made or altered. No operator is looked up: this runs under whatever search_path the caller has.
SELECT c.classid, c.objid, c.command_tag, c.object_identity FROM pg_catalog.pg_event_trigger_ddl_commands() AS c
