"""What is published and what it was made from: written whole or not at all, and never again."""
