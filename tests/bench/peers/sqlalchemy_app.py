"""The peer of SQLAlchemy: its package makes the table of activity, its functions, and the triggers of a versioned model."""

import os

import sqlalchemy as sa
from postgresql_audit import versioning_manager
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import configure_mappers, declarative_base

NAME = "postgresql_audit"


def install(database):
    base = declarative_base()
    versioning_manager.init(base)

    class Row(base):
        __tablename__ = NAME
        __versioned__ = {}
        id = sa.Column(UUID, primary_key=True)
        workspace_id = sa.Column(UUID, nullable=False)
        name = sa.Column(sa.Text)
        amount = sa.Column(sa.Numeric(20, 2))
        created = sa.Column(sa.DateTime(timezone=True))
        note = sa.Column(sa.Text)
        n = sa.Column(sa.Integer)
        data = sa.Column(JSONB)

    configure_mappers()
    engine = sa.create_engine(f"postgresql+psycopg2://{os.environ['PGUSER']}@/{database}?host={os.environ['PGHOST']}&port={os.environ['PGPORT']}")
    # Its functions come with its own tables, so these come first.
    for own in (versioning_manager.transaction_cls, versioning_manager.activity_cls):
        own.__table__.create(engine)
    base.metadata.create_all(engine)
    engine.dispose()
