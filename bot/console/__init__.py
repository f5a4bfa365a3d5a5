"""The pages of officers and staff, at /console. Handlers read and show; what happens is done by the services."""
