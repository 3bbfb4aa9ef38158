"""The model, as an application would have it; django-pghistory makes the table of its history and its triggers."""

import pghistory
from django.db import models


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Row(models.Model):
    id = models.UUIDField(primary_key=True)
    workspace_id = models.UUIDField()
    name = models.TextField(null=True)
    amount = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    created = models.DateTimeField(null=True)
    note = models.TextField(null=True)
    n = models.IntegerField(null=True)
    data = models.JSONField(null=True)

    class Meta:
        app_label = "django_app"
        db_table = "pghistory"
