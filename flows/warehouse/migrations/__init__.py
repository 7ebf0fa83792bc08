"""How the warehouse's schema came about, step by step."""
