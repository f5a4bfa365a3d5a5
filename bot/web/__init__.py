"""What every page of ours stands on: static files, headers, and who really asks."""
