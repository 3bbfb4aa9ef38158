-- What the coordinator answers to a query ($1), or why there is no answer.
SELECT answer.success, answer.result FROM pg_catalog.run_command_on_coordinator($1) AS answer
