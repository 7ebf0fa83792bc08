"""The first day: databases and exports of known products looked at, and a commented configuration written for them."""
