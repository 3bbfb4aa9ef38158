ALTER TABLE @parent@ ATTACH PARTITION @partition@ FOR VALUES FROM (@from@) TO (@to@);
