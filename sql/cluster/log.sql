CREATE TABLE @extschema@.audit_cluster_log (
  id              uuid        PRIMARY KEY,
  ordinal         bigint      NOT NULL UNIQUE,
  verb            text        NOT NULL,
  arguments       jsonb       NOT NULL,
  expected        jsonb,
  acting_user_id  uuid,
  session_role    text        NOT NULL,
  outer_role      text        NOT NULL,
  origin_group    integer     NOT NULL,
  at              timestamptz NOT NULL
)
