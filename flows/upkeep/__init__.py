"""For those who keep the project itself: lock, bill of materials, system libraries, generated pages. No run needs it."""
