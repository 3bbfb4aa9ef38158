CREATE TABLE @extschema@.audit_cluster_nodes (
  id                 uuid        PRIMARY KEY,
  system_identifier  bigint      NOT NULL,
  node_group         integer     NOT NULL,
  since              timestamptz NOT NULL,
  requested_by       uuid,
  requested_by_role  text,
  retired_at         timestamptz,
  retired_by_role    text,
  reason             text
)
