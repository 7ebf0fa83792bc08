"""Where results and the ledger of deliveries are kept: SQLite or PostgreSQL, by URL."""
