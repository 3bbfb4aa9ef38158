SELECT DISTINCT extract(year FROM month)::int4, extract(month FROM month)::int4
FROM (SELECT date_trunc('month', created_at AT TIME ZONE 'UTC') AS month FROM ONLY @default@
      WHERE created_at >= $1 AND created_at < $2) AS months
