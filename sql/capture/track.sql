-- Tracks a table, or changes the options of one that is tracked. $1, $2: its schema and name; $3: resource_type, else that of before, else the
-- name; $4: the workspace's column; $5, $6: ignored and masked columns. What stays as it was is told by no event.
INSERT INTO @tracking@ AS tracking (table_schema, table_name, resource_type, workspace_column, ignored_columns, masked_columns)
VALUES ($1, $2, coalesce($3, $2), $4, $5::name[], $6::name[])
ON CONFLICT (table_schema, table_name) WHERE untracked_at IS NULL DO UPDATE SET
  resource_type = coalesce($3, tracking.resource_type), workspace_column = excluded.workspace_column,
  ignored_columns = excluded.ignored_columns, masked_columns = excluded.masked_columns
RETURNING id::text
