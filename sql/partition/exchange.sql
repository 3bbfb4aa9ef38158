-- A month changes sides. Each table keeps its rows, indexes and TRUNCATE guard; defaults and comment belong to the side.
ALTER TABLE @events@ DETACH PARTITION @hot@;
ALTER TABLE @archive@ DETACH PARTITION @cold@;
ALTER TABLE @hot@ RENAME TO audit_month_changing_sides;
ALTER TABLE @cold@ RENAME TO @hot_name@;
ALTER TABLE @extschema@.audit_month_changing_sides RENAME TO @cold_name@;
ALTER TABLE @cold@ ALTER COLUMN id DROP DEFAULT, ALTER COLUMN created_at DROP DEFAULT;
ALTER TABLE @hot@ ALTER COLUMN id SET DEFAULT @extschema@.audit_event_id(), ALTER COLUMN created_at SET DEFAULT @extschema@.audit_event_time();
COMMENT ON TABLE @hot@ IS @hot_comment@;
COMMENT ON TABLE @cold@ IS @cold_comment@;
ALTER TABLE @events@ ATTACH PARTITION @hot@ FOR VALUES FROM (@from@) TO (@to@);
ALTER TABLE @archive@ ATTACH PARTITION @cold@ FOR VALUES FROM (@from@) TO (@to@);
