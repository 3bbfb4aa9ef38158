-- A partition, built aside: nobody sees it before it is attached.
CREATE TABLE @partition@ (
  LIKE @parent@ INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING INDEXES INCLUDING COMMENTS@bound@
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.005);
COMMENT ON TABLE @partition@ IS @comment@;
