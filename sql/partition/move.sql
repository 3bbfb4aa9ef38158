-- Rows of one month leave the default partition for their own, in one statement: none can be lost or doubled.
WITH moved AS (
  DELETE FROM ONLY @default@ WHERE created_at >= @from@ AND created_at < @to@ RETURNING *
)
INSERT INTO @partition@ SELECT * FROM moved
