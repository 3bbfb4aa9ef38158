-- A job of pg_cron in this database, and how its last run that came to an end did.
SELECT job.active, run.status, run.return_message
FROM cron.job AS job
LEFT JOIN LATERAL (
  SELECT details.status, coalesce(details.return_message, '') AS return_message
  FROM cron.job_run_details AS details
  WHERE details.jobid = job.jobid AND details.status IN ('succeeded', 'failed')
  ORDER BY details.runid DESC
  LIMIT 1
) AS run ON true
WHERE job.jobname = @name@ AND job.database = pg_catalog.current_database() AND @is_done_by@
ORDER BY job.active DESC, job.jobid
LIMIT 1
