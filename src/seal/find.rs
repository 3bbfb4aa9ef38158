//! Finds the events that are for a seal, in both tables, under one snapshot.
