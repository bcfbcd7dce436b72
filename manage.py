#!/usr/bin/env python3
"""Django's command line; on a database that is not ready, it says so."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError:
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise
        sys.exit("La base n'est pas prête : lancez d'abord « manage.py migrate ».")
