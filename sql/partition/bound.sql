ALTER TABLE @partition@ ADD CONSTRAINT audit_month
  CHECK (created_at IS NOT NULL AND created_at >= @from@ AND created_at < @to@);
