"""The database: engines, transactions, bulk loading, seeds, migrations."""
