-- Whether an event stays hot at a time ($5), because it was restored.
-- Looked up one by one: the planner, going by old statistics, would join them in a way that is quadratic.
(SELECT restored.keep_hot_until FROM @extschema@.audit_restored_events AS restored WHERE restored.event_id = event.id) > $5
