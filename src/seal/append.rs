//! Appends the events of a seal to the logs of their workspaces, and the heads of those logs to the root log.
