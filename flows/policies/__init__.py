"""The standard that scores a month: read, judged, frozen, tried on the past."""
