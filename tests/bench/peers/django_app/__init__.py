"""The peer of Django: its package makes the table, the table of its history and the triggers of a model."""

import os

import django
from django.conf import settings
from django.core.management import call_command

NAME = "pghistory"


def install(database):
    connection = {"ENGINE": "django.db.backends.postgresql", "NAME": database, "HOST": os.environ["PGHOST"], "PORT": os.environ["PGPORT"], "USER": os.environ["PGUSER"]}
    # The application is this package; without migrations of its own its tables are made as the model says.
    settings.configure(
        DATABASES={"default": connection}, INSTALLED_APPS=["pgtrigger", "pghistory", "django_app"], MIGRATION_MODULES={"django_app": None},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True)
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("pgtrigger", "install", verbosity=0)
