-- A default that calls a function of ours: DROP EXTENSION ... CASCADE takes it along, and leaves the column.
ALTER TABLE @table@ ALTER COLUMN @column@ SET DEFAULT @extschema@.@function@();
