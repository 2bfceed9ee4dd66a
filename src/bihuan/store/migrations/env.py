"""Alembic's entry: run the revisions on the connection that `bihuan.store.migrate` hands over."""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

attributes = context.config.attributes
engine = create_engine("postgresql+psycopg://", creator=lambda: attributes["connection"], poolclass=StaticPool)
with engine.connect() as connection:
    connection.exec_driver_sql("create schema if not exists bihuan")
    connection.exec_driver_sql("set local search_path = bihuan")
    context.configure(connection=connection, version_table_schema="bihuan")
    context.run_migrations()
    attributes["record"]()  # in the same transaction as the revisions
    connection.commit()
