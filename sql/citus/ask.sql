-- What nodes ($1: names, $2: ports) answer to commands ($3): name, port, whether it worked, and the answer or the error.
SELECT answer.node_name, answer.node_port, answer.success, answer.result
FROM pg_catalog.master_run_on_worker($1, $2::integer[], $3, true) AS answer
