"""The routes: what the service answers under /api, and who may ask for what."""
