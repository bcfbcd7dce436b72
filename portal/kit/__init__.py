"""Tools that know no domain, importable from every app: files, paging, French, decisions."""
