,
  -- Says what the bounds will say: it lets ATTACH take the table without a scan, now and when the month changes sides.
  CONSTRAINT @name@ CHECK (created_at IS NOT NULL AND created_at >= @from@ AND created_at < @to@)
