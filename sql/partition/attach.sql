ALTER TABLE @parent@ ATTACH PARTITION @partition@ FOR VALUES FROM (@from@) TO (@to@);
ALTER TABLE @partition@ DROP CONSTRAINT audit_month;
