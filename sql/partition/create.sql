-- A partition, built aside: nobody sees it before it is attached. The CHECK is what lets ATTACH take it without a scan.
CREATE TABLE @partition@ (
  LIKE @parent@ INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING INDEXES INCLUDING COMMENTS
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.005);
COMMENT ON TABLE @partition@ IS @comment@;
